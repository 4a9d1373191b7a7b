// The words all steps share for their saved state: parameter names with "Mean" and "Square" for Adam's moments, what the
// clipping remembers, and the number of steps taken.
import { parametersOf, type Model } from './model'
import type { RelativeClip } from './schedule'
import type { Numbers } from './select'
import type { SparsityControl } from './sparsity-control'
import type { StepArray, StepState } from './training-step'

/** The parts of a state that have the shape of a model. */
export interface AdamParts<N extends Numbers> {
  readonly value: Model<N>
  readonly mean: Model<N>
  readonly square: Model<N>
}

/** Parameters and moments under the names of a state, not copied. */
export function namedArrays<N extends Numbers>({ value, mean, square }: AdamParts<N>): Record<string, N> {
  const named = (model: Model<N>, ending: string): [string, N][] =>
    parametersOf(model).map(([name, values]) => [`${name}${ending}`, values])
  return Object.fromEntries([...named(value, ''), ...named(mean, 'Mean'), ...named(square, 'Square')])
}

/** What every step with Adam and clipping has beside its arrays. */
export interface Counters {
  readonly clip: RelativeClip
  readonly taken: number
  /** Bound the next search for active latents starts from; changes only its speed. */
  readonly lastSmallest: number
  /** Of penalised models. */
  readonly control?: SparsityControl | null
}

/** Puts a state together from the arrays of a step and its counters. */
export function stateOf(arrays: Readonly<Record<string, StepArray>>, counters: Counters): StepState {
  const { clip, taken, lastSmallest, control } = counters
  const { norms, next } = clip.save()
  return { arrays: { ...arrays, clipNorms: norms }, numbers: { taken, lastSmallest, clipNext: next, ...control?.save() } }
}

/** Restores clipping and sparsity control, and answers the two counters. */
export function restoreCounters(
  state: StepState,
  clip: RelativeClip,
  control: SparsityControl | null = null,
): { taken: number; lastSmallest: number } {
  control?.restore((name) => numberOf(state, name))
  clip.restore({ norms: arrayOf(state, 'clipNorms'), next: numberOf(state, 'clipNext') })
  return { taken: numberOf(state, 'taken'), lastSmallest: numberOf(state, 'lastSmallest') }
}

/** An array of a state; throws when it is missing, or has another length than `length`. */
export function arrayOf(state: StepState, name: string, length?: number): StepArray {
  const found = state.arrays[name]
  if (!found) throw new Error(`the saved state has no ${name}`)
  if (length !== undefined && found.length !== length)
    throw new Error(`the saved state has ${found.length} numbers for ${name}, expected ${length}`)
  return found
}

export function numberOf(state: StepState, name: string): number {
  const found = state.numbers[name]
  if (found === undefined || !Number.isFinite(found)) throw new Error(`the saved state has no ${name}`)
  return found
}
