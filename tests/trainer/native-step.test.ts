import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { initialModel } from '../../src/main/trainer/model'
import { NativeStep } from '../../src/main/trainer/native-step'
import { plainMath } from '../../src/main/trainer/dense-math'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import type { StepSettings } from '../../src/main/trainer/training-step'
import { nativeMath } from '../../src/main/trainer/native-math'
import { hasNative, loadNative, needsNative } from './native-library'

const [latents, dims, batch] = [96, 20, 64]
const random = seededRandom(5)
const batches = Array.from({ length: 4 }, () => Float32Array.from({ length: batch * dims }, () => random.normal()))
const batchAt = (at: number): Float32Array => (batches[at % 4] as Float32Array).slice()
const dead = Int32Array.from({ length: 30 }, (_, at) => at * 3)

describe.skipIf(!hasNative)(`the native training step${needsNative}`, () => {
  it.each([
    ['topk', 12],
    ['batchtopk', 12],
    ['batchtopk', 64],
  ] as const)('equals the reference step over 20 steps (%s, AuxK over %i): weights to 2e-5, loss to 1e-5', (rule, auxK) => {
    const settings: StepSettings = { rule, k: 6, auxCoefficient: 1 / 32, auxK, variance: dims }
    const start = initialModel(latents, dims, 1)
    const native = new NativeStep(loadNative(), start, settings)
    const reference = new ReferenceStep(start, settings)
    for (let at = 0; at < 20; at++) {
      const nobody = at < 10
      const ours = native.learn(batchAt(at), 1e-3, nobody ? new Int32Array(0) : dead)
      const theirs = reference.learn(batchAt(at), 1e-3, nobody ? new Int32Array(0) : dead)
      expect(Math.abs(ours.loss - theirs.loss)).toBeLessThan(1e-5)
      expect(ours.fired).toHaveLength(theirs.fired.length)
    }
    const [a, b] = [native.model(), reference.model()]
    for (const name of ['encoder', 'decoder', 'encoderBias', 'decoderBias'] as const) {
      const apart = a[name].reduce((most, value, at) => Math.max(most, Math.abs(value - (b[name][at] as number))), 0)
      expect(apart).toBeLessThan(2e-5)
    }
    native.dispose()
  })

  it.each(['topk', 'batchtopk'] as const)('equals the reference step when 4·k latents count too (%s)', (rule) => {
    const settings: StepSettings = { rule, k: 6, auxCoefficient: 1 / 32, auxK: 12, variance: dims, multiTopK: true }
    const start = initialModel(latents, dims, 1)
    const native = new NativeStep(loadNative(), start, settings)
    const reference = new ReferenceStep(start, settings)
    for (let at = 0; at < 20; at++) {
      const [ours, theirs] = [native.learn(batchAt(at), 1e-3, dead), reference.learn(batchAt(at), 1e-3, dead)]
      expect(Math.abs(ours.loss - theirs.loss)).toBeLessThan(1e-5)
      expect(ours.fired).toHaveLength(theirs.fired.length)
    }
    const [a, b] = [native.model(), reference.model()]
    expect(a.encoder.reduce((most, value, at) => Math.max(most, Math.abs(value - (b.encoder[at] as number))), 0)).toBeLessThan(
      2e-5,
    )
    native.dispose()
  })

  it('clips a sudden outlier as the reference step does', () => {
    const settings: StepSettings = { rule: 'topk', k: 6, auxCoefficient: 0, auxK: 0, variance: dims }
    const start = initialModel(latents, dims, 1)
    const native = new NativeStep(loadNative(), start, settings)
    const reference = new ReferenceStep(start, settings)
    const outlier = batchAt(1).map((value) => 30 * value)
    for (const rows of [...Array.from({ length: 25 }, (_, at) => batchAt(at)), outlier, batchAt(0)]) {
      native.learn(rows, 1e-3, new Int32Array(0))
      reference.learn(rows, 1e-3, new Int32Array(0))
    }
    const [a, b] = [native.model().encoder, reference.model().encoder]
    expect(a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] as number))), 0)).toBeLessThan(2e-5)
    native.dispose()
  })

  it('leaves no tensors behind from step to step', () => {
    const binding = loadNative()
    const before = binding.getNumOfTensors()
    const step = new NativeStep(binding, initialModel(latents, dims, 1), {
      rule: 'batchtopk',
      k: 6,
      auxCoefficient: 1 / 32,
      auxK: 10,
      variance: dims,
    })
    step.learn(batchAt(0), 1e-3, dead)
    const held = binding.getNumOfTensors()
    for (let at = 0; at < 30; at++) step.learn(batchAt(at), 1e-3, at % 2 ? dead : new Int32Array(0))
    expect(binding.getNumOfTensors()).toBe(held)
    step.dispose()
    expect(binding.getNumOfTensors()).toBe(before)
  })

  it('survives a batch in which nothing is positive', () => {
    const start = { ...initialModel(latents, dims, 1), encoderBias: new Float32Array(latents).fill(-1e6) }
    for (const rule of ['topk', 'batchtopk'] as const) {
      const step = new NativeStep(loadNative(), start, { rule, k: 6, auxCoefficient: 0, auxK: 0, variance: dims })
      const report = step.learn(batchAt(0), 1e-3, new Int32Array(0))
      expect(report.fired).toHaveLength(0)
      expect(report.smallest).toBe(0)
      expect(Number.isFinite(report.loss)).toBe(true)
      step.dispose()
    }
  })

  it('multiplies as plain JavaScript does, in all orientations', () => {
    const maths = [nativeMath(loadNative()), plainMath()] as const
    for (const [transposeA, transposeB] of [
      [false, true],
      [false, false],
      [true, false],
      [true, true],
    ] as const) {
      const [ours, theirs] = maths.map((math) => {
        const a = math.hold(batchAt(0), transposeA ? dims : batch, transposeA ? batch : dims)
        const b = math.hold(batchAt(1), transposeB ? batch : dims, transposeB ? dims : batch)
        return math.multiply(a, b, transposeA, transposeB)
      })
      expect(ours).toHaveLength(batch * batch)
      ours?.forEach((value, at) => expect(value).toBeCloseTo(theirs?.[at] as number, 4))
    }
  })
})
