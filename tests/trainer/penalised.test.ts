// ReLU, JumpReLU and Gated: the reference gradients against central differences in double precision, and the native steps
// against the reference.
import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { AdaptiveStep } from '../../src/main/trainer/adaptive-step'
import { FastStep, fastStep } from '../../src/main/trainer/fast-step'
import type { Part } from '../../src/main/trainer/kernel-memory'
import { mapModel, parametersOf, startOf, type Model, type Parameter } from '../../src/main/trainer/model'
import { kernelWidth, penalisedGradients, sparsityLoss } from '../../src/main/trainer/penalised-gradients'
import { PenalisedStep } from '../../src/main/trainer/penalised-step'
import { preActivations } from '../../src/main/trainer/plain-math'
import { startSparse } from '../../src/main/trainer/penalised-start'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import { SparsityControl } from '../../src/main/trainer/sparsity-control'
import type { PenalisedSettings, StepState, TrainingStep } from '../../src/main/trainer/training-step'
import { hasNative, loadNative, needsNative } from './native-library'

const [latents, dims, batch] = [12, 5, 9]
const draws = (seed: number, length: number): Float64Array => {
  const random = seededRandom(seed)
  return Float64Array.from({ length }, () => random.normal())
}
const rows = draws(99, batch * dims)
const weight = 0.37

interface Case {
  readonly what: string
  readonly rule: PenalisedSettings['rule']
  readonly form: PenalisedSettings['form']
}
const cases: readonly Case[] = [
  { what: 'ReLU, decoder norm in the price', rule: 'relu', form: 'norm-weighted' },
  { what: 'ReLU, unit rows', rule: 'relu', form: 'unit-norm' },
  { what: 'ReLU as in scFeatureLens', rule: 'relu', form: 'scfeaturelens' },
  { what: 'JumpReLU', rule: 'jumprelu', form: 'unit-norm' },
  { what: 'Gated', rule: 'gated', form: 'unit-norm' },
]
const settingsOf = ({ rule, form }: Case, more: Partial<PenalisedSettings> = {}): PenalisedSettings => ({
  ...{ rule, form, variance: 4.2, k: 3, l1: weight, warmUpSteps: 0, steps: 100, bandwidth: 0.4 },
  ...more,
})

/** A model in general position: decoder rows of any length. */
function generalModel(rule: PenalisedSettings['rule']): Model<Float64Array> {
  const common = {
    latents,
    dims,
    encoder: draws(1, latents * dims),
    decoder: draws(2, latents * dims),
    encoderBias: draws(3, latents),
    decoderBias: draws(4, dims),
  }
  if (rule === 'jumprelu') return { ...common, thresholds: draws(5, latents).map((value) => 0.2 + Math.abs(value)) }
  if (rule === 'gated')
    return { ...common, magnitudeLog: draws(6, latents).map((value) => 0.3 * value), magnitudeBias: draws(7, latents) }
  return common
}

function moved(model: Model<Float64Array>, name: Parameter, at: number, by: number): Model<Float64Array> {
  return mapModel(model, (values, part) => values.map((value, index) => (part === name && index === at ? value + by : value)))
}

/** Central difference of a loss in one number of the model. */
function slopeOf(model: Model<Float64Array>, name: Parameter, at: number, loss: (model: Model<Float64Array>) => number): number {
  const width = 1e-5
  return (loss(moved(model, name, at, width)) - loss(moved(model, name, at, -width))) / (2 * width)
}

/** Reconstruction alone, from its definition. */
function reconstruction(model: Model<Float64Array>, on: (row: number, latent: number) => number, variance: number): number {
  let sum = 0
  for (let row = 0; row < batch; row++) {
    for (let dim = 0; dim < dims; dim++) {
      let off = (model.decoderBias[dim] as number) - (rows[row * dims + dim] as number)
      for (let latent = 0; latent < latents; latent++) off += on(row, latent) * (model.decoder[latent * dims + dim] as number)
      sum += off * off
    }
  }
  return sum / (batch * variance)
}

/** What the gradients are the gradients of: the loss, with what is held fixed taken from `fixed`. */
function lossOf(one: Case, fixed: Model<Float64Array>): (model: Model<Float64Array>) => number {
  const settings = settingsOf(one)
  const before = preActivations(fixed, rows)
  if (one.rule === 'relu')
    return (model) => {
      const found = penalisedGradients(model, rows, settings, weight)
      return found.reconstruction + found.rest
    }
  if (one.rule === 'gated')
    return (model) => {
      const pre = preActivations(model, rows)
      const gate = (row: number, latent: number): number => Math.max(0, pre[row * latents + latent] as number)
      const size = (row: number, latent: number): number => {
        const at = row * latents + latent
        if (!((before[at] as number) > 0)) return 0
        const plain = (pre[at] as number) - (model.encoderBias[latent] as number)
        return Math.max(0, Math.exp(model.magnitudeLog?.[latent] as number) * plain + (model.magnitudeBias?.[latent] as number))
      }
      let paid = 0
      pre.forEach((value) => (paid += Math.max(0, value)))
      const held = { ...model, decoder: fixed.decoder, decoderBias: fixed.decoderBias }
      return (
        reconstruction(model, size, settings.variance) +
        reconstruction(held, gate, settings.variance) +
        (weight * paid) / (batch * settings.variance)
      )
    }
  // The straight-through estimate is the gradient of ramps of the kernel's width in place of the jumps at the thresholds.
  const width = kernelWidth(settings)
  const ramp = (distance: number): number => Math.max(-0.5, Math.min(0.5, distance / width))
  const active = before.filter((value, at) => value > (fixed.thresholds?.[at % latents] as number)).length
  const { slope } = sparsityLoss(active, batch, settings.k, weight)
  return (model) => {
    const pre = preActivations(model, rows)
    const opened = (at: number): number => {
      const was = before[at] as number
      return ramp(was - (model.thresholds?.[at % latents] as number)) - ramp(was - (fixed.thresholds?.[at % latents] as number))
    }
    const value = (row: number, latent: number): number => {
      const at = row * latents + latent
      const threshold = fixed.thresholds?.[latent] as number
      return ((before[at] as number) > threshold ? (pre[at] as number) : 0) + threshold * opened(at)
    }
    let more = 0
    before.forEach((_, at) => (more += opened(at)))
    return reconstruction(model, value, settings.variance) + slope * more
  }
}

describe.each(cases)('the reference gradients of $what', (one) => {
  it('are those of central differences, to 1e-6 of the largest', () => {
    const model = generalModel(one.rule)
    const { parts, rest, counts } = penalisedGradients(model, rows, settingsOf(one), weight)
    expect(rest).toBeGreaterThan(0)
    expect(counts.some((count) => count > 0 && count < batch)).toBe(true)
    const loss = lossOf(one, model)
    for (const [name, { length }] of parametersOf(model)) {
      const gradient = parts[name] as Float64Array
      const largest = Math.max(...gradient.map(Math.abs))
      expect(largest).toBeGreaterThan(0)
      for (let at = 0; at < length; at++)
        expect(Math.abs((gradient[at] as number) - slopeOf(model, name, at, loss))).toBeLessThanOrEqual(1e-6 * largest)
    }
  })
})

describe('the penalised losses', () => {
  it('do not change when encoder and decoder are rescaled against each other, where the price holds the decoder norm', () => {
    const [one] = cases as [Case]
    const model = generalModel('relu')
    const scaled = {
      ...model,
      encoder: model.encoder.map((value) => 3 * value),
      encoderBias: model.encoderBias.map((value) => 3 * value),
      decoder: model.decoder.map((value) => value / 3),
    }
    const [a, b] = [model, scaled].map((each) => penalisedGradients(each, rows, settingsOf(one), weight))
    expect(b?.rest).toBeCloseTo(a?.rest as number, 12)
    expect(b?.reconstruction).toBeCloseTo(a?.reconstruction as number, 12)
    expect(b?.counts).toEqual(a?.counts)
  })

  it('turn a gated latent off whatever its magnitude when its gate is closed', () => {
    const model = generalModel('gated')
    const shut = {
      ...model,
      encoderBias: new Float64Array(latents).fill(-1e3),
      magnitudeBias: new Float64Array(latents).fill(1e6),
    }
    const { counts, parts } = penalisedGradients(shut, rows, settingsOf(cases[4] as Case), weight)
    expect(counts).toEqual(new Int32Array(latents))
    expect(parts.decoder?.every((value) => value === 0)).toBe(true)
  })

  it('leave the decoder of a gated model to the reconstruction: the auxiliary loss does not reach it', () => {
    const model = generalModel('gated')
    const settings = settingsOf(cases[4] as Case)
    const on = { ...model, magnitudeBias: new Float64Array(latents).fill(-1e3) }
    // Nothing is on, so only the auxiliary loss is left.
    const { parts, counts } = penalisedGradients(on, rows, settings, weight)
    expect(counts).toEqual(new Int32Array(latents))
    expect(parts.encoder?.some((value) => value !== 0)).toBe(true)
    expect(parts.decoder?.every((value) => value === 0)).toBe(true)
  })

  it('know the kernel of JumpReLU by hand: inside −ε/2 … ε/2 it counts, at and beyond it does not', () => {
    const settings = settingsOf(cases[3] as Case, { variance: 12, bandwidth: 0.5 })
    const width = kernelWidth(settings)
    expect(width).toBe(1)
    const model: Model<Float64Array> = {
      ...{ latents: 5, dims: 1, encoder: new Float64Array(5).fill(1), decoder: Float64Array.of(1, 0, 0, 0, 0) },
      ...{
        encoderBias: Float64Array.of(0, width / 2, -width / 2, 0.49 * width, -0.49 * width),
        decoderBias: new Float64Array(1),
      },
      thresholds: new Float64Array(5).fill(2),
    }
    const { parts, counts } = penalisedGradients(model, Float64Array.of(2), settings, weight)
    const { slope } = sparsityLoss(2, 1, settings.k, weight)
    expect([...counts]).toEqual([0, 1, 0, 1, 0])
    // x̂ − x = −2; the first latent is at its threshold, off: dL/dz = 2·(−2)/V, and its θ is 2.
    const first = -(2 * ((2 * -2) / settings.variance) + slope) / width
    expect(parts.thresholds?.[0]).toBeCloseTo(first, 12)
    expect(parts.thresholds?.[1]).toBe(0)
    expect(parts.thresholds?.[2]).toBe(0)
    expect(parts.thresholds?.[3]).toBeCloseTo(-slope / width, 12)
    expect(parts.thresholds?.[4]).toBeCloseTo(-slope / width, 12)
  })

  it('start with k latents on per row, except in the form of scFeatureLens', () => {
    for (const one of cases) {
      const model = mapModel(startOf({ arch: one.rule, l1Form: one.form, latents: 40, seed: 1 }, dims), (values) =>
        Float64Array.from(values),
      )
      const many = draws(8, 50 * dims)
      const settings = settingsOf(one)
      startSparse(model, preActivations(model, many), settings)
      const { counts } = penalisedGradients(model, many, settings, 0)
      const active = counts.reduce((sum, count) => sum + count, 0)
      if (one.form === 'scfeaturelens') expect(active).toBeGreaterThan(50 * 12)
      else expect(active).toBe(150)
    }
  })
})

describe('the weight of the sparsity term', () => {
  it('grows from 0 to what was asked for, and stays there whatever is on', () => {
    const control = new SparsityControl(settingsOf(cases[0] as Case, { l1: 2, warmUpSteps: 4 }))
    const seen = Array.from({ length: 7 }, () => {
      const now = control.weight()
      control.note(500)
      return now
    })
    expect(seen).toEqual([0.5, 1, 1.5, 2, 2, 2, 2])
  })

  it('rises while too many latents are on, falls while too few are, and goes on from a saved state', () => {
    const settings = settingsOf(cases[0] as Case, { l1: null, k: 8 })
    const control = new SparsityControl(settings)
    for (let at = 0; at < 20; at++) control.note(30)
    const high = control.weight()
    expect(high).toBeGreaterThan(1)
    const saved = control.save()
    for (let at = 0; at < 150; at++) control.note(2)
    expect(control.weight()).toBeLessThan(high / 2)
    const other = new SparsityControl(settings)
    other.restore((name) => saved[name] as number)
    expect(other.weight()).toBe(high)
  })
})

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
