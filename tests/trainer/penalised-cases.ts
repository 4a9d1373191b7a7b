// The penalised models the tests go through, and random numbers for them.
import { seededRandom } from '../../src/main/base/random'
import type { PenalisedSettings } from '../../src/main/trainer/training-step'

export const weight = 0.37

export function draws(seed: number, length: number): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length }, () => random.normal())
}

export interface Case {
  readonly what: string
  readonly rule: PenalisedSettings['rule']
  readonly form: PenalisedSettings['form']
}
export const cases: readonly Case[] = [
  { what: 'ReLU, decoder norm in the price', rule: 'relu', form: 'norm-weighted' },
  { what: 'ReLU, unit rows', rule: 'relu', form: 'unit-norm' },
  { what: 'ReLU as in scFeatureLens', rule: 'relu', form: 'scfeaturelens' },
  { what: 'JumpReLU', rule: 'jumprelu', form: 'unit-norm' },
  { what: 'Gated', rule: 'gated', form: 'unit-norm' },
]
export const settingsOf = ({ rule, form }: Case, more: Partial<PenalisedSettings> = {}): PenalisedSettings => ({
  ...{ rule, form, variance: 4.2, k: 3, l1: weight, warmUpSteps: 0, steps: 100, bandwidth: 0.4 },
  ...more,
})
