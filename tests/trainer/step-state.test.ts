// A step that is saved, thrown away and restored goes on as if nothing had happened: same bytes in weights, moments and
// everything else, for every kind of step, wherever it was cut.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { FastStep, fastStep } from '../../src/main/trainer/fast-step'
import { initialModel, type Model } from '../../src/main/trainer/model'
import { NativeStep } from '../../src/main/trainer/native-step'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import type { StepSettings, StepState, TrainingStep } from '../../src/main/trainer/training-step'
import { hasNative, loadNative, needsNative } from './native-library'

const [latents, dims, batch, steps] = [70, 20, 48, 60]
const start = initialModel(latents, dims, 1)
const draws = seededRandom(5)
const batches = Array.from({ length: 7 }, () => Float32Array.from({ length: batch * dims }, () => draws.normal()))
// One batch is a thousand times larger: its gradient is clipped, so the memory of the clipping matters.
batches[5]?.forEach((value, at, all) => (all[at] = 1000 * value))
const dead = Int32Array.from({ length: 25 }, (_, at) => at * 2)

const cases = {
  topk: { rule: 'topk' },
  batchtopk: { rule: 'batchtopk' },
  matryoshka: { rule: 'batchtopk', prefixes: [8, 20, 70] },
} as const
const settingsOf = (name: keyof typeof cases): StepSettings => ({
  ...{ k: 5, auxCoefficient: 1 / 32, auxK: 6, variance: dims },
  ...cases[name],
})

function learn(step: TrainingStep, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const rows = batches[at % batches.length] as Float32Array
    step.learn(rows.slice(), 1e-3, at % 3 === 0 ? dead : new Int32Array(0))
  }
}

/** What a file keeps of a state. */
const kept = (state: StepState): StepState => ({
  arrays: Object.fromEntries(Object.entries(state.arrays).map(([name, values]) => [name, values.slice()])),
  numbers: JSON.parse(JSON.stringify(state.numbers)) as StepState['numbers'],
})

/** Trains to the end in one go, and in pieces cut at random steps; both ways must end in the same state. */
function expectSameAfterCuts(make: (piece: number) => TrainingStep): void {
  const whole = make(0)
  learn(whole, 0, steps)
  const expected = kept(whole.save())
  const model = whole.model()
  whole.dispose()
  const random = seededRandom(9)
  for (let trial = 0; trial < 4; trial++) {
    const cuts = [random.below(25), 25 + random.below(35)]
    let state: StepState | null = null
    ;[0, ...cuts].forEach((from, piece) => {
      const step = make(piece)
      if (state) step.restore(state)
      learn(step, from, cuts[piece] ?? steps)
      state = kept(step.save())
      if (piece === cuts.length) expect(step.model()).toEqual(model)
      step.dispose()
    })
    expect(state, `cut at ${cuts.join(' and ')}`).toEqual(expected)
  }
}

const reference = (settings: StepSettings): ReferenceStep<Float32Array> => new ReferenceStep<Float32Array>(start, settings)
function fast(settings: StepSettings, threads: number): FastStep {
  const step = fastStep(loadNative(), start, settings, batch, threads)
  if (!(step instanceof FastStep)) throw new Error(step.unavailable)
  return step
}

describe('the saved state of the reference step', () => {
  it.each(['topk', 'batchtopk', 'matryoshka'] as const)('continues to the same bytes (%s)', (name) => {
    expectSameAfterCuts(() => reference(settingsOf(name)))
  })

  it('is refused when an array is missing or belongs to another size', () => {
    const { arrays, numbers } = kept(reference(settingsOf('topk')).save())
    const step = reference(settingsOf('topk'))
    const { encoderMean, ...rest } = arrays
    expect(() => step.restore({ arrays: rest, numbers })).toThrow('no encoderMean')
    expect(encoderMean).toHaveLength(latents * dims)
    expect(() => step.restore({ arrays: { ...arrays, decoder: new Float32Array(3) }, numbers })).toThrow('expected 1400')
  })
})

describe.skipIf(!hasNative)(`the saved state of the native steps${needsNative}`, () => {
  it.each(['topk', 'batchtopk'] as const)('continues to the same bytes on TensorFlow alone (%s)', (name) => {
    expectSameAfterCuts(() => new NativeStep(loadNative(), start, settingsOf(name)))
  })

  it.each(['topk', 'batchtopk', 'matryoshka'] as const)(
    'continues to the same bytes in the fast step, on another number of threads each time (%s)',
    (name) => {
      expectSameAfterCuts((piece) => fast(settingsOf(name), 1 + (piece % 3)))
    },
  )

  it('can be taken over by another kind of step', () => {
    const settings = settingsOf('topk')
    const quick = fast(settings, 2)
    learn(quick, 0, 20)
    const state = kept(quick.save())
    const slow = reference(settings)
    slow.restore(state)
    learn(quick, 20, 25)
    learn(slow, 20, 25)
    expect(apart(quick.model(), slow.model())).toBeLessThan(5e-5)
    quick.dispose()
  })
})

const apart = (a: Model, b: Model): number =>
  Math.max(
    ...(['encoder', 'decoder'] as const).map((name) =>
      Math.max(...a[name].map((v, at) => Math.abs(v - (b[name][at] as number)))),
    ),
  )
