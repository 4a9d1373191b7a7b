// Activations on their way through the genes: gathered until a pass is full, ranked together, their best genes compared between donors.
// Invariant: what comes out does not depend on how many go through a pass together.
import type { SeededRandom } from '../base/random'
import type { ChosenCells } from './choose-cells'
import { openDonorComparison, type DonorComparison, type DonorConsistency } from './donor-consistency'
import { mostMembers, pairsPerPass, type GeneEffects } from './gene-ranking'
import type { LinkCourse } from './link-course'
import type { Session } from './link-session'
import { topColumns } from './study-list'

/** A latent or a shuffled copy of one, with the cells it is judged by. */
export interface Chosen {
  readonly latent: number
  /** Null: too few. */
  readonly cells: ChosenCells | null
  /** Random draws of a test. */
  readonly draws: () => SeededRandom
}

export interface Ranked extends Chosen {
  /** Only valid until the next one is asked for. */
  readonly effects: GeneEffects | null
  /** The best genes, best first; empty where they were not asked for. */
  readonly best: Uint32Array
  /** The first of these within each donor; null with fewer than three donors. */
  readonly donors: DonorConsistency | null
}

/** So many of the best genes are kept; ranks from here on are the lowest genes. */
export const topGeneCount = 200
/** Donors are compared for this many of the best genes. */
const genesWithDonors = 50
/** Choosing cells takes longer the more cells there are: a breath after so many activations. */
const chosenPerBreath = 16
const rowsPerBreath = 32

/** What comes between two answers: time to breathe. */
export const breath = { breath: true } as const
export type Breath = typeof breath

/** Answers every activation in the order given, with a `Breath` now and then. @param details best genes and donors are wanted, too */
export function* rankInPasses(
  session: Session,
  chosen: Iterable<Chosen>,
  course: LinkCourse,
  details: boolean,
): Generator<Ranked | Breath, void, void> {
  const most = pairsPerPass(session.ranker.genes)
  let [gathered, pairs, members]: [Chosen[], number, number] = [[], 0, 0]
  for (const one of chosen) {
    gathered.push(one)
    if (one.cells) {
      pairs++
      members += one.cells.active.length + one.cells.reference.length
    }
    if (pairs === most || members >= mostMembers) {
      yield* rankTogether(session, gathered, course, details)
      ;[gathered, pairs, members] = [[], 0, 0]
    } else if (gathered.length % chosenPerBreath === 0) yield breath
  }
  yield* rankTogether(session, gathered, course, details)
}

function* rankTogether(
  session: Session,
  gathered: readonly Chosen[],
  course: LinkCourse,
  details: boolean,
): Generator<Ranked | Breath, void, void> {
  const groups = gathered.flatMap(({ cells }) => cells ?? [])
  const effects = groups.length === 0 ? [] : yield* onePass(session, groups, course)
  let next = 0
  const ranked = gathered.map((one) => {
    const own = one.cells ? (effects[next++] ?? null) : null
    return { ...one, effects: own, best: own && details ? topColumns(own, topGeneCount) : new Uint32Array(0) }
  })
  const donors = details ? yield* donorsOf(session, ranked) : []
  for (const [at, one] of ranked.entries()) {
    if (one.cells) course.test()
    yield { ...one, donors: donors[at] ?? null }
  }
}

function* onePass(
  { ranker }: Session,
  groups: readonly ChosenCells[],
  course: LinkCourse,
): Generator<Breath, readonly GeneEffects[], void> {
  course.beginPass(
    groups.length,
    groups.reduce((sum, { active, reference }) => sum + active.length + reference.length, 0),
  )
  const pass = ranker.rank(groups)
  for (let next = pass.next(); ; next = pass.next()) {
    if (next.done) {
      course.endPass()
      return next.value
    }
    course.at(next.value)
    yield breath
  }
}

/** Reads every gene that is among the best of one of them once. */
function* donorsOf(
  { input }: Session,
  ranked: readonly Omit<Ranked, 'donors'>[],
): Generator<Breath, (DonorConsistency | null)[], void> {
  const codes = input.donors
  if (!codes) return []
  const comparisons = ranked.map(({ cells, best }) => cells && openDonorComparison(codes, cells, best.slice(0, genesWithDonors)))
  const waiting = new Map<number, DonorComparison[]>()
  for (const comparison of comparisons) {
    for (const gene of comparison?.columns ?? []) {
      const others = waiting.get(gene)
      if (others) others.push(comparison as DonorComparison)
      else waiting.set(gene, [comparison as DonorComparison])
    }
  }
  let rows = 0
  for (const { row, indices, values } of input.expression.byGene.rowsAt(Uint32Array.from(waiting.keys()).sort())) {
    for (const comparison of waiting.get(row) ?? []) comparison.add(row, indices, values)
    if (++rows % rowsPerBreath === 0) yield breath
  }
  return comparisons.map((comparison) => comparison && comparison.result())
}
