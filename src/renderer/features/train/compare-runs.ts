// Runs side by side: the settings in which they differ, then what they reach. Pure.
import type { Run } from '@contract'
import { count, duration, fixed, percent } from '../../text/format'
import { expertSettings, trainText } from '../../text/train'

export interface CompareLine {
  readonly label: string
  /** One value for each run, in their order. */
  readonly values: readonly string[]
}

const text = trainText.compare
const compared = ['arch', ...expertSettings, 'normalise', 'l1', 'l1Form', 'resample', 'multiTopK'] as const

function inWords(key: (typeof compared)[number], value: string | number | boolean | null): string {
  const { settings } = trainText
  if (value === null) return settings.automatic
  if (typeof value === 'boolean') return value ? settings.yes : settings.no
  const words: Readonly<Record<string, string>> =
    key === 'arch' ? settings.architectures : key === 'normalise' ? settings.normalise : key === 'l1Form' ? settings.l1Form : {}
  return words[value] ?? String(value)
}

/** Settings that are not the same in all runs. */
export function differingSettings(runs: readonly Run[]): CompareLine[] {
  return compared.flatMap((key) => {
    const values = runs.map(({ settings }) => settings[key])
    if (new Set(values).size <= 1) return []
    const written = values.map((value) => inWords(key, value))
    return [{ label: trainText.settings.labels[key], values: written }]
  })
}

/** The results of finished runs. */
export function results(runs: readonly Run[]): CompareLine[] {
  const line = (
    label: string,
    value: (run: Run) => number | null | undefined,
    write: (value: number) => string,
  ): CompareLine => ({
    label,
    values: runs.map((run) => {
      const found = value(run)
      return found === null || found === undefined ? text.none : write(found)
    }),
  })
  return [
    line(text.results.heldOut, (run) => run.metrics?.explainedVariance.heldOut, percent),
    line(text.results.train, (run) => run.metrics?.explainedVariance.train, percent),
    line(text.results.pca, (run) => run.controls?.pca.explainedVariance.heldOut, percent),
    line(text.results.untrained, (run) => run.controls?.untrained.explainedVariance.heldOut, percent),
    line(
      text.results.l0,
      (run) => run.metrics?.l0.heldOut,
      (value) => fixed(value, 1),
    ),
    line(text.results.dead, (run) => run.metrics?.dead, count),
    line(text.results.dense, (run) => run.metrics?.dense, count),
    line(text.results.seconds, (run) => run.seconds, duration),
  ]
}
