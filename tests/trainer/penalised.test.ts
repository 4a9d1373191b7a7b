// ReLU, JumpReLU and Gated: the reference gradients against central differences in double precision, and what they must do.
import { describe, expect, it } from 'vitest'
import { mapModel, parametersOf, startOf, type Model, type Parameter } from '../../src/main/trainer/model'
import { kernelWidth, penalisedGradients, sparsityLoss } from '../../src/main/trainer/penalised-gradients'
import { preActivations } from '../../src/main/trainer/plain-math'
import { startSparse } from '../../src/main/trainer/penalised-start'
import { SparsityControl } from '../../src/main/trainer/sparsity-control'
import type { PenalisedSettings } from '../../src/main/trainer/training-step'
import { cases, draws, settingsOf, weight, type Case } from './penalised-cases'

const [latents, dims, batch] = [12, 5, 9]
const rows = draws(99, batch * dims)

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
