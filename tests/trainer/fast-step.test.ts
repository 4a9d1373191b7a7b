import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { FastStep, fastStep } from '../../src/main/trainer/fast-step'
import { initialModel, type Model } from '../../src/main/trainer/model'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import type { SelectionRule } from '../../src/main/trainer/select'
import type { StepSettings } from '../../src/main/trainer/training-step'
import { hasNative, loadNative, needsNative } from './native-library'

const names = ['encoder', 'decoder', 'encoderBias', 'decoderBias'] as const
const nobody = new Int32Array(0)
const open: FastStep[] = []

function fast(start: Model, settings: StepSettings, batch: number, threads = 2): FastStep {
  const step = fastStep(loadNative(), start, settings, batch, threads)
  if (!(step instanceof FastStep)) throw new Error(step.unavailable)
  open.push(step)
  return step
}
afterEach(() => open.splice(0).forEach((step) => step.dispose()))

function batchesOf(count: number, batch: number, dims: number, seed = 5): Float32Array[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => Float32Array.from({ length: batch * dims }, () => random.normal()))
}
const apart = (a: Model, b: Model): number =>
  Math.max(
    ...names.map((name) => a[name].reduce((most, value, at) => Math.max(most, Math.abs(value - (b[name][at] as number))), 0)),
  )

describe.skipIf(!hasNative)(`the fast training step${needsNative}`, () => {
  it.each([
    { rule: 'topk', latents: 96, dims: 20, batch: 64, k: 6, auxK: 12 },
    { rule: 'batchtopk', latents: 96, dims: 20, batch: 64, k: 6, auxK: 12 },
    { rule: 'batchtopk', latents: 101, dims: 19, batch: 70, k: 5, auxK: 64 },
  ] as const)(
    'equals the reference step over 50 steps, reviving dead latents in half of them: weights to 2e-5 ($rule, $latents × $dims)',
    (shape) => {
      const { rule, latents, dims, batch, k, auxK } = shape
      const settings: StepSettings = { rule, k, auxCoefficient: 1 / 32, auxK, variance: dims }
      const start = initialModel(latents, dims, 1)
      const ours = fast(start, settings, batch)
      const theirs = new ReferenceStep(start, settings)
      const batches = batchesOf(4, batch, dims)
      const dead = Int32Array.from({ length: 30 }, (_, at) => at * 3)
      for (let at = 0; at < 50; at++) {
        const rows = batches[at % 4] as Float32Array
        const who = at % 2 ? dead : nobody
        const a = ours.learn(rows, 1e-3, who)
        const b = theirs.learn(rows, 1e-3, who)
        expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-5)
        expect(Math.abs(a.gradientNorm - b.gradientNorm)).toBeLessThan(1e-5 * b.gradientNorm + 1e-7)
        expect(Math.abs(a.smallest - b.smallest)).toBeLessThan(1e-5)
        expect([...a.fired].sort()).toEqual([...b.fired].sort())
      }
      expect(apart(ours.model(), theirs.model())).toBeLessThan(2e-5)
    },
  )
})
