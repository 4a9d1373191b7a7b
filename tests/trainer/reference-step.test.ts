import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import type { Model } from '../../src/main/trainer/model'
import { preActivations } from '../../src/main/trainer/plain-math'
import { gradientsOf } from '../../src/main/trainer/reference-gradients'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import type { SelectionRule } from '../../src/main/trainer/select'
import type { StepSettings } from '../../src/main/trainer/training-step'

const [latents, dims, batch] = [12, 5, 9]
const names = ['encoder', 'decoder', 'encoderBias', 'decoderBias'] as const

function randomModel(seed: number): Model<Float64Array> {
  const random = seededRandom(seed)
  const draw = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal())
  return {
    latents,
    dims,
    encoder: draw(latents * dims),
    decoder: draw(latents * dims),
    encoderBias: draw(latents),
    decoderBias: draw(dims),
  }
}

const rows = ((): Float64Array => {
  const random = seededRandom(99)
  return Float64Array.from({ length: batch * dims }, () => random.normal())
})()
const settings = (rule: SelectionRule, auxCoefficient = 0): StepSettings => ({
  rule,
  k: 3,
  auxCoefficient,
  auxK: 2,
  variance: 4.2,
})
const nobody = new Int32Array(0)

/** Central difference of `loss` in one number of the model. */
function slopeOf(
  model: Model<Float64Array>,
  name: (typeof names)[number],
  at: number,
  loss: (model: Model<Float64Array>) => number,
): number {
  const width = 1e-6
  const moved = (by: number): number => {
    const changed = model[name].slice()
    changed[at] = (changed[at] as number) + by
    return loss({ ...model, [name]: changed })
  }
  return (moved(width) - moved(-width)) / (2 * width)
}

/** AuxK by its definition, for a residual that is given, not recomputed. */
function auxiliaryLoss(
  model: Model<Float64Array>,
  residual: Float64Array,
  dead: readonly number[],
  coefficient: number,
  k: number,
): number {
  const pre = preActivations(model, rows)
  let loss = 0
  let spread = 0
  for (let dim = 0; dim < dims; dim++) {
    let mean = 0
    for (let row = 0; row < batch; row++) mean += (residual[row * dims + dim] as number) / batch
    for (let row = 0; row < batch; row++) spread += ((residual[row * dims + dim] as number) - mean) ** 2
  }
  for (let row = 0; row < batch; row++) {
    const chosen = [...dead].sort((a, b) => (pre[row * latents + b] as number) - (pre[row * latents + a] as number)).slice(0, k)
    for (let dim = 0; dim < dims; dim++) {
      const made = chosen.reduce(
        (sum, latent) => sum + (pre[row * latents + latent] as number) * (model.decoder[latent * dims + dim] as number),
        0,
      )
      loss += ((residual[row * dims + dim] as number) - made) ** 2
    }
  }
  return (coefficient * loss) / spread
}

function residualOf(model: Model<Float64Array>, rule: SelectionRule): Float64Array {
  const { selection } = gradientsOf(model, rows, settings(rule), nobody)
  const residual = rows.slice()
  for (let row = 0; row < batch; row++)
    for (let dim = 0; dim < dims; dim++)
      residual[row * dims + dim] = (residual[row * dims + dim] as number) - (model.decoderBias[dim] as number)
  selection.rows.forEach((row, on) => {
    const latent = selection.columns[on] as number
    for (let dim = 0; dim < dims; dim++)
      residual[row * dims + dim] =
        (residual[row * dims + dim] as number) - (selection.values[on] as number) * (model.decoder[latent * dims + dim] as number)
  })
  return residual
}

describe('the reference training step', () => {
  it.each(['topk', 'batchtopk'] as const)('has the gradients that central differences give (%s)', (rule) => {
    const model = randomModel(3)
    const { parts } = gradientsOf(model, rows, settings(rule), nobody)
    for (const name of names) {
      const largest = Math.max(...parts[name].map(Math.abs))
      parts[name].forEach((gradient, at) => {
        const slope = slopeOf(model, name, at, (changed) => gradientsOf(changed, rows, settings(rule), nobody).reconstruction)
        expect(Math.abs(gradient - slope)).toBeLessThanOrEqual(1e-5 * largest)
      })
    }
  })

  it('has the gradients that central differences give, for nested levels', () => {
    const model = randomModel(3)
    const nested: StepSettings = { ...settings('batchtopk'), prefixes: [3, 7, latents] }
    const { parts, reconstruction } = gradientsOf(model, rows, nested, nobody)
    for (const name of names) {
      const largest = Math.max(...parts[name].map(Math.abs))
      parts[name].forEach((gradient, at) => {
        const slope = slopeOf(model, name, at, (changed) => gradientsOf(changed, rows, nested, nobody).reconstruction)
        expect(Math.abs(gradient - slope)).toBeLessThanOrEqual(1e-5 * largest)
      })
    }
    const one = (prefix: number): number => {
      const cut = { ...model, decoder: model.decoder.map((value, at) => (at < prefix * dims ? value : 0)) }
      return gradientsOf(cut, rows, settings('batchtopk'), nobody).reconstruction
    }
    expect(reconstruction).toBeCloseTo((one(3) + one(7) + one(latents)) / 3, 10)
  })

  it('has the gradients that central differences give, for reconstructions from k and 4·k latents', () => {
    const model = randomModel(3)
    const multi: StepSettings = { ...settings('topk'), k: 2, multiTopK: true }
    const { parts, reconstruction } = gradientsOf(model, rows, multi, nobody)
    for (const name of names) {
      const largest = Math.max(...parts[name].map(Math.abs))
      parts[name].forEach((gradient, at) => {
        const slope = slopeOf(model, name, at, (changed) => gradientsOf(changed, rows, multi, nobody).reconstruction)
        expect(Math.abs(gradient - slope)).toBeLessThanOrEqual(1e-5 * largest)
      })
    }
    const alone = (k: number): number => gradientsOf(model, rows, { ...settings('topk'), k }, nobody).reconstruction
    expect(reconstruction).toBeCloseTo(alone(2) + alone(8) / 8, 12)
  })

  it('gives AuxK the gradients of its definition with the residual held fixed', () => {
    const model = randomModel(4)
    const dead = [1, 4, 7, 10]
    const plain = gradientsOf(model, rows, settings('topk'), nobody)
    const { parts, auxiliary } = gradientsOf(model, rows, settings('topk', 0.5), Int32Array.from(dead))
    const residual = residualOf(model, 'topk')
    expect(auxiliary).toBeCloseTo(auxiliaryLoss(model, residual, dead, 0.5, 2), 10)
    for (const name of names) {
      const added = parts[name].map((gradient, at) => gradient - (plain.parts[name][at] as number))
      const largest = Math.max(...parts[name].map(Math.abs))
      added.forEach((gradient, at) => {
        const slope = slopeOf(model, name, at, (changed) => auxiliaryLoss(changed, residual, dead, 0.5, 2))
        if (name === 'decoderBias') expect(gradient).toBe(0)
        else expect(Math.abs(gradient - slope)).toBeLessThanOrEqual(1e-5 * largest)
      })
    }
  })

  it('lets AuxK reach the dead latents only, their encoder included', () => {
    const model = randomModel(5)
    const plain = gradientsOf(model, rows, settings('batchtopk'), nobody)
    const { parts } = gradientsOf(model, rows, settings('batchtopk', 1), Int32Array.of(2, 6))
    const touched = new Set<number>()
    parts.encoder.forEach((gradient, at) => {
      if (gradient !== plain.parts.encoder[at]) touched.add(Math.floor(at / dims))
    })
    expect([...touched].sort()).toEqual([2, 6])
  })

  it('keeps decoder rows at unit length and lowers the loss', () => {
    const step = new ReferenceStep(randomModel(6), settings('topk'))
    const first = step.learn(rows, 0.02, nobody).loss
    let last = first
    for (let at = 0; at < 50; at++) last = step.learn(rows, 0.02, nobody).loss
    const { decoder } = step.model()
    for (let start = 0; start < decoder.length; start += dims)
      expect(Math.hypot(...decoder.subarray(start, start + dims))).toBeCloseTo(1, 12)
    expect(last).toBeLessThan(first / 2)
  })
})
