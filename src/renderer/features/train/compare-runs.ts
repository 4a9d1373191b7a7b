// Runs side by side: the settings in which they differ, then what they reach. Pure.
import type { Run, SeedsReport } from '@contract'
import { count, duration, fixed, percent } from '../../text/format'
import { expertSettings, trainText } from '../../text/train'

export interface CompareLine {
  readonly label: string
  /** What the number means. */
  readonly why: string
  /** One value for each run, in their order. */
  readonly values: readonly string[]
}

const text = trainText.compare
const compared = ['arch', ...expertSettings, 'normalise', 'l1', 'l1Form', 'resample', 'multiTopK'] as const

/** Numbers of things, written with separators; shares and the seed are not. */
const grouped: ReadonlySet<string> = new Set(['latents', 'k', 'steps', 'batch', 'auxK', 'deadAfter'])

function inWords(key: (typeof compared)[number], value: string | number | boolean | null): string {
  const { settings } = trainText
  if (value === null) return settings.automatic
  if (typeof value === 'boolean') return value ? settings.yes : settings.no
  const words: Readonly<Record<string, string>> =
    key === 'arch' ? settings.architectures : key === 'normalise' ? settings.normalise : key === 'l1Form' ? settings.l1Form : {}
  return words[value] ?? (typeof value === 'number' && grouped.has(key) ? count(value) : String(value))
}

/** Settings that are not the same in all runs. */
export function differingSettings(runs: readonly Run[]): CompareLine[] {
  return compared.flatMap((key) => {
    const values = runs.map(({ settings }) => settings[key])
    if (new Set(values).size <= 1) return []
    const written = values.map((value) => inWords(key, value))
    return [{ label: trainText.settings.labels[key], why: text.why.setting, values: written }]
  })
}

/** The results of finished runs; `repeats` by run. */
export function results(runs: readonly Run[], repeats: ReadonlyMap<number, SeedsReport>): CompareLine[] {
  const line = (
    what: keyof typeof text.results,
    value: (run: Run) => number | null | undefined,
    write: (value: number) => string,
  ): CompareLine => ({
    label: text.results[what],
    why: text.why[what],
    values: runs.map((run) => {
      const found = value(run)
      return found === null || found === undefined ? text.none : write(found)
    }),
  })
  const one = (value: number): string => fixed(value, 1)
  return [
    line('heldOut', (run) => run.metrics?.explainedVariance.heldOut, percent),
    line('train', (run) => run.metrics?.explainedVariance.train, percent),
    line('pca', (run) => run.controls?.pca.explainedVariance.heldOut, percent),
    line('untrained', (run) => run.controls?.untrained.explainedVariance.heldOut, percent),
    line(
      'stability',
      (run) => repeats.get(run.id)?.agreement,
      (value) => fixed(value, 2),
    ),
    line('l0', (run) => run.metrics?.l0.heldOut, one),
    line('dead', (run) => run.metrics?.dead, count),
    line('dense', (run) => run.metrics?.dense, count),
    line('seconds', (run) => run.seconds, duration),
  ]
}
