// The words all steps share for their saved state: parameter names with "Mean" and "Square" for Adam's moments, what the
// clipping remembers, and the number of steps taken.
import type { RelativeClip } from './schedule'
import type { StepArray, StepState } from './training-step'

export const parameters = ['encoder', 'decoder', 'encoderBias', 'decoderBias'] as const
export type Parameter = (typeof parameters)[number]

/** What every step with Adam and clipping has beside its arrays. */
export interface Counters {
  readonly clip: RelativeClip
  readonly taken: number
  /** Bound the next search for active latents starts from; changes only its speed. */
  readonly lastSmallest: number
}

/** Puts a state together from the arrays of a step and its counters. */
export function stateOf(arrays: Readonly<Record<string, StepArray>>, { clip, taken, lastSmallest }: Counters): StepState {
  const { norms, next } = clip.save()
  return { arrays: { ...arrays, clipNorms: norms }, numbers: { taken, lastSmallest, clipNext: next } }
}

/** Restores the clipping and answers the two counters. */
export function restoreCounters(state: StepState, clip: RelativeClip): { taken: number; lastSmallest: number } {
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
