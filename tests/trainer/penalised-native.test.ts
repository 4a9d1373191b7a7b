// ReLU, JumpReLU and Gated: the native steps against the reference, in the dense and in the fast step.
import { afterEach, describe, expect, it } from 'vitest'
import { AdaptiveStep } from '../../src/main/trainer/adaptive-step'
import { FastStep, fastStep } from '../../src/main/trainer/fast-step'
import type { Part } from '../../src/main/trainer/kernel-memory'
import { mapModel, parametersOf, startOf, type Model } from '../../src/main/trainer/model'
import { penalisedGradients } from '../../src/main/trainer/penalised-gradients'
import { startSparse } from '../../src/main/trainer/penalised-start'
import { PenalisedStep } from '../../src/main/trainer/penalised-step'
import { preActivations } from '../../src/main/trainer/plain-math'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import { SparsityControl } from '../../src/main/trainer/sparsity-control'
import type { PenalisedSettings, StepState, TrainingStep } from '../../src/main/trainer/training-step'
import { hasNative, loadNative, needsNative } from './native-library'
import { cases, draws, settingsOf, type Case } from './penalised-cases'

const [many, wide, rowsEach] = [70, 20, 48]
const batches = Array.from({ length: 4 }, (_, at) => Float32Array.from(draws(20 + at, rowsEach * wide)))
const nobody = new Int32Array(0)
const largestGap = (a: Model, b: Model): number =>
  Math.max(
    ...parametersOf(a).map(([name, values]) =>
      values.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[name]?.[at] as number))), 0),
    ),
  )

/**
 * Trains two steps side by side. JumpReLU and Gated jump at a bound: where rounding decides about one activation, they part
 * for good. So those start every step from the same state, and two steps in which that happens are forgiven.
 */
function compareSteps(
  { rule }: Case,
  ours: TrainingStep,
  theirs: TrainingStep,
  steps: number,
  rowsAt: (step: number) => Float32Array,
): void {
  let parted = 0
  for (let at = 0; at < steps; at++) {
    if (rule !== 'relu' && at > 0) theirs.restore(ours.save())
    const [a, b] = [ours.learn(rowsAt(at), 1e-3, nobody), theirs.learn(rowsAt(at), 1e-3, nobody)]
    const same = Math.abs(a.loss - b.loss) < 2e-5 * Math.max(1, b.loss) && largestGap(ours.model(), theirs.model()) < 5e-5
    if (!same) parted++
    else expect(a.fired).toEqual(b.fired)
  }
  expect(parted).toBeLessThanOrEqual(rule === 'relu' ? 0 : 2)
}

describe.skipIf(!hasNative)(`the dense native step${needsNative}`, () => {
  const settings = (one: Case, l1: number | null): PenalisedSettings =>
    settingsOf(one, { variance: wide, k: 4, l1, warmUpSteps: 5 })
  // An encoder of its own: as a copy of the decoder it has gradients that are 0 but for rounding, which Adam magnifies.
  const startFor = ({ rule, form }: Case): Model => ({
    ...startOf({ arch: rule, l1Form: form, latents: many, seed: 1 }, wide),
    encoder: Float32Array.from(draws(30, many * wide), (value) => value / Math.sqrt(wide)),
    decoderBias: Float32Array.from(draws(31, wide), (value) => 0.1 * value),
  })

  it.each(cases)('equals the reference step over 30 steps, weights to 5e-5: $what', (one) => {
    for (const l1 of [0.5, null]) {
      const native = new PenalisedStep(loadNative(), startFor(one), settings(one, l1))
      compareSteps(one, native, new ReferenceStep(startFor(one), settings(one, l1)), 30, (at) => batches[at % 4] as Float32Array)
      native.dispose()
    }
  })

  it.each(cases)('continues from a saved state to the same bytes: $what', (one) => {
    const make = (): PenalisedStep => new PenalisedStep(loadNative(), startFor(one), settings(one, null))
    const learn = (step: TrainingStep, from: number, to: number): void => {
      for (let at = from; at < to; at++) step.learn(batches[at % 4] as Float32Array, 1e-3, nobody)
    }
    const whole = make()
    learn(whole, 0, 20)
    const first = make()
    learn(first, 0, 13)
    const state = JSON.parse(JSON.stringify(first.save().numbers)) as StepState['numbers']
    const second = make()
    second.restore({ arrays: first.save().arrays, numbers: state })
    learn(second, 13, 20)
    expect(second.model()).toEqual(whole.model())
    for (const step of [whole, first, second]) step.dispose()
  })

  it('leaves no tensors behind', () => {
    const binding = loadNative()
    const before = binding.getNumOfTensors()
    for (const one of cases) {
      const step = new PenalisedStep(binding, startFor(one), settings(one, null))
      step.learn(batches[0] as Float32Array, 1e-3)
      const held = binding.getNumOfTensors()
      for (let at = 0; at < 5; at++) step.learn(batches[at % 4] as Float32Array, 1e-3)
      expect(binding.getNumOfTensors()).toBe(held)
      step.dispose()
    }
    expect(binding.getNumOfTensors()).toBe(before)
  })
})

describe.skipIf(!hasNative)(`the fast step of penalised models${needsNative}`, () => {
  const quick = cases.filter(({ rule }) => rule !== 'gated')
  const settings = (one: Case, more: Partial<PenalisedSettings> = {}): PenalisedSettings =>
    settingsOf(one, { variance: wide, k: 1, l1: 0.5, warmUpSteps: 5, bandwidth: 0.1, ...more })
  const startFor = ({ rule, form }: Case, size = many): Model => {
    const start = startOf({ arch: rule, l1Form: form, latents: size, seed: 1 }, wide)
    return {
      ...start,
      encoder: Float32Array.from(draws(30, size * wide), (value) => value / Math.sqrt(wide)),
      // So few are on in the form of scFeatureLens, which starts where it starts.
      encoderBias: form === 'scfeaturelens' ? new Float32Array(size).fill(-2.5) : start.encoderBias,
      decoderBias: Float32Array.from(draws(31, wide), (value) => 0.1 * value),
    }
  }
  const made: FastStep[] = []
  afterEach(() => {
    for (const step of made.splice(0)) step.dispose()
  })
  function fast(start: Model, of: PenalisedSettings, threads = 2): FastStep {
    const step = fastStep(loadNative(), start, of, rowsEach, threads)
    if (!(step instanceof FastStep)) throw new Error(step.unavailable)
    made.push(step)
    return step
  }

  it.each(quick)('has the gradients of double precision to 1e-6: $what', (one) => {
    for (const size of [many, 101]) {
      const of = settings(one)
      const wideModel = mapModel(startFor(one, size), (values) => Float64Array.from(values))
      const input = Float64Array.from(batches[0] as Float32Array)
      startSparse(wideModel, preActivations(wideModel, input), of)
      const control = new SparsityControl(of)
      const { parts, rest } = penalisedGradients(wideModel, input, of, control.weight())
      if (one.form === 'unit-norm') project(parts.decoder as Float64Array, wideModel.decoder)
      const step = fast(startFor(one, size), of)
      const report = step.learn(batches[0] as Float32Array, 1e-3, nobody)
      for (const [name, { length }] of parametersOf(wideModel)) {
        const gradient = parts[name] as Float64Array
        const largest = Math.max(...gradient.map(Math.abs))
        expect(largest).toBeGreaterThan(0)
        // After the first update, the first moment is (1 − β₁) times the gradient.
        const found = step.memory.floats(`${name}Mean` as Part, length)
        for (let at = 0; at < length; at++)
          expect(Math.abs((found[at] as number) / Math.fround(0.1) - (gradient[at] as number))).toBeLessThan(
            2e-6 * Math.max(1, largest),
          )
      }
      expect(Math.abs(report.loss - report.reconstruction - rest)).toBeLessThan(1e-6 * Math.max(1, rest))
    }
  })

  it.each(quick)('equals the reference step over 50 steps, weights to 5e-5, a clipped outlier included: $what', (one) => {
    for (const l1 of [0.5, null]) {
      const [ours, theirs] = [fast(startFor(one), settings(one, { l1 })), new ReferenceStep(startFor(one), settings(one, { l1 }))]
      compareSteps(one, ours, theirs, 50, (at) =>
        (batches[at % 4] as Float32Array).map((value, place) => (at === 40 && place < 4 * wide ? 8 : 1) * value),
      )
    }
  })

  it.each(quick)('gives the same bytes on 1, 2 and 3 threads and from a saved state: $what', (one) => {
    const of = settings(one, { l1: null })
    const models = [1, 2, 3].map((threads) => {
      const step = fast(startFor(one), of, threads)
      for (let at = 0; at < 30; at++) step.learn(batches[at % 4] as Float32Array, 1e-3, nobody)
      return step.model()
    })
    const [first, second] = [fast(startFor(one), of), fast(startFor(one), of, 1)]
    for (let at = 0; at < 17; at++) first.learn(batches[at % 4] as Float32Array, 1e-3, nobody)
    second.restore(first.save())
    for (let at = 17; at < 30; at++) second.learn(batches[at % 4] as Float32Array, 1e-3, nobody)
    for (const model of [models[1], models[2], second.model()]) expect(model).toEqual(models[0])
  })

  it('changes to the dense step when many latents are on and back when few are, computing the same throughout', () => {
    const [one] = cases as [Case]
    const of = settings(one)
    const start = startFor(one)
    const step = new AdaptiveStep(loadNative(), start, of, () => fast(start, of))
    const reference = new ReferenceStep(start, of)
    const kinds: number[] = []
    const loud = (batches[1] as Float32Array).map((value) => 6 * value)
    for (let at = 0; at < 120; at++) {
      const values = at >= 10 && at < 20 ? loud : (batches[at % 4] as Float32Array)
      step.learn(values, 1e-3, nobody)
      reference.learn(values, 1e-3, nobody)
      kinds.push(step.save().numbers['isDense'] as number)
    }
    expect(kinds.slice(0, 10)).toEqual(new Array(10).fill(0))
    expect(kinds[15]).toBe(1)
    expect(kinds.at(-1)).toBe(0)
    expect(largestGap(step.model(), reference.model())).toBeLessThan(1e-4)
    step.dispose()
  })
})

/** Removes from each row of `gradient` its part along the row of `unit`. */
function project(gradient: Float64Array, unit: Float64Array): void {
  for (let start = 0; start < gradient.length; start += wide) {
    let along = 0
    for (let at = start; at < start + wide; at++) along += (gradient[at] as number) * (unit[at] as number)
    for (let at = start; at < start + wide; at++) gradient[at] = (gradient[at] as number) - along * (unit[at] as number)
  }
}
