// The lines of the table of runs and their order. Pure.
import type { MetricPoint, Run, RunJudgement, SeedsReport } from '@contract'

export type RunColumn = 'id' | 'arch' | 'latents' | 'k' | 'heldOut' | 'train' | 'dead' | 'stability' | 'linked' | 'verdict'
export const numericColumns: ReadonlySet<RunColumn> = new Set<RunColumn>(['latents', 'k', 'train', 'dead', 'stability'])

export interface RunRow {
  readonly run: Run
  readonly heldOut: number | null
  readonly train: number | null
  readonly dead: number | null
  readonly pca: number | null
  /** Mean cosine of partners in other seeds. */
  readonly stability: number | null
  /** The worst judgement; null until it is known. */
  readonly verdict: RunJudgement | null
  /** Numbers so far, of a run without final ones. */
  readonly isLive: boolean
}

/** `last`: the newest point of its curve, shown until there are final numbers. */
export function runRow(
  run: Run,
  judgements: readonly RunJudgement[] | undefined,
  repeats: SeedsReport | undefined,
  last?: MetricPoint,
): RunRow {
  const explained =
    run.metrics?.explainedVariance ?? (last ? { train: last.explainedTrain, heldOut: last.explainedHeldOut } : undefined)
  const dead = run.metrics?.dead ?? last?.dead
  const pca = run.controls?.pca.explainedVariance
  return {
    run,
    heldOut: explained?.heldOut ?? null,
    train: explained?.train ?? null,
    dead: dead === undefined ? null : dead / run.settings.latents,
    pca: pca?.heldOut ?? null,
    stability: repeats?.agreement ?? null,
    verdict: judgements?.[0] ?? null,
    isLive: !run.metrics && last !== undefined,
  }
}

const levels = { bad: 0, warn: 1, good: 2 } as const
function keyOf(row: RunRow, column: RunColumn): number | string | null {
  switch (column) {
    case 'id':
      return row.run.id
    case 'arch':
      return row.run.settings.arch
    case 'latents':
      return row.run.settings.latents
    case 'k':
      return row.run.settings.k
    case 'linked':
      return row.run.linkedAspects.length
    case 'verdict':
      return row.verdict ? levels[row.verdict.level] : null
    default:
      return row[column]
  }
}

/** Sorted rows; what is missing comes last in both directions, ties keep the newest first. */
export function sortedRuns(rows: readonly RunRow[], column: RunColumn, descending: boolean): RunRow[] {
  return [...rows].sort((a, b) => {
    const [left, right] = [keyOf(a, column), keyOf(b, column)]
    if (left === null || right === null) return left === right ? b.run.id - a.run.id : left === null ? 1 : -1
    const order = typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right))
    return (descending ? -order : order) || b.run.id - a.run.id
  })
}
