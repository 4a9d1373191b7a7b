// Restarts of dead latents: they change what they should and nothing else, in every kind of step.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { plainMath } from '../../src/main/trainer/dense-math'
import { DeadLatents } from '../../src/main/trainer/dead-latents'
import { FastStep, fastStep } from '../../src/main/trainer/fast-step'
import { startOf } from '../../src/main/trainer/model'
import { NativeStep } from '../../src/main/trainer/native-step'
import { PenalisedStep } from '../../src/main/trainer/penalised-step'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import { restartDirections, restartFactor, restartsAfter } from '../../src/main/trainer/restart'
import { rowsInMemory } from '../../src/main/trainer/rows'
import { stepSettings } from '../../src/main/trainer/step-settings'
import type { TrainingStep } from '../../src/main/trainer/training-step'
import { hasNative, loadNative, needsNative } from './native-library'
import { toySettings } from './toy-data'

const [latents, dims, batch] = [40, 9, 32]
const random = seededRandom(3)
const rows = Float32Array.from({ length: batch * dims }, () => random.normal())
const dead = Int32Array.of(3, 17, 39)
const directions = Float32Array.from({ length: 3 * dims }, (_, at) => (at % (dims + 1) === 0 ? 1 : 0))

function expectRestarted(step: TrainingStep): void {
  for (let at = 0; at < 5; at++) step.learn(rows, 1e-3, new Int32Array(0))
  const copy = (): Record<string, number[]> =>
    Object.fromEntries(Object.entries(step.save().arrays).map(([name, values]) => [name, Array.from(values)]))
  const before = copy()
  expect([...step.restart(dead, directions)]).toEqual([3, 17, 39])
  const after = copy()
  const rowOf = (name: string, latent: number): number[] => (after[name] ?? []).slice(latent * dims, (latent + 1) * dims)
  const alive = Array.from({ length: latents }, (_, latent) => latent).filter((latent) => !dead.includes(latent))
  const lengthBefore = (latent: number): number =>
    Math.hypot(...(before['encoder'] ?? []).slice(latent * dims, (latent + 1) * dims))
  const mean = alive.reduce((sum, latent) => sum + lengthBefore(latent) / alive.length, 0)
  dead.forEach((latent, at) => {
    const direction = [...directions.subarray(at * dims, (at + 1) * dims)]
    expect(rowOf('decoder', latent)).toEqual(direction)
    expect(Math.hypot(...rowOf('encoder', latent))).toBeCloseTo(0.2 * mean, 5)
    expect(after['encoderBias']?.[latent]).toBe(0)
    for (const name of ['decoder', 'encoder'])
      for (const moment of ['Mean', 'Square']) expect(rowOf(name + moment, latent)).toEqual(new Array(dims).fill(0))
    expect(after['encoderBiasMean']?.[latent]).toBe(0)
  })
  for (const [name, values] of Object.entries(after)) {
    const width = values.length === latents * dims ? dims : 1
    values.forEach((value, at) => {
      if (values.length === latents || width === dims) {
        if (dead.includes(Math.floor(at / width))) return
      }
      expect(value, name).toBe(before[name]?.[at])
    })
  }
  expect(() => step.learn(rows, 1e-3, new Int32Array(0))).not.toThrow()
  step.dispose()
}

const of = (arch: 'topk' | 'batchtopk' | 'jumprelu' | 'gated' | 'relu') => {
  const settings = { ...toySettings, arch, latents, k: 1, l1: 0.5 }
  return { start: startOf(settings, dims), settings: stepSettings(settings, dims, dims) }
}

describe('a restart of dead latents', () => {
  it.each(['topk', 'jumprelu', 'gated', 'relu'] as const)(
    'gives them new rows and leaves the others bit for bit (reference, %s)',
    (arch) => {
      const { start, settings } = of(arch)
      expectRestarted(new ReferenceStep(start, settings))
    },
  )

  it.skipIf(!hasNative)(`does the same in the fast, the plain and the dense step${needsNative}`, () => {
    for (const arch of ['batchtopk', 'relu', 'jumprelu'] as const) {
      const { start, settings } = of(arch)
      const step = fastStep(loadNative(), start, settings, batch, 2)
      if (!(step instanceof FastStep)) throw new Error(step.unavailable)
      expectRestarted(step)
    }
    const plain = of('topk')
    if (plain.settings.rule !== 'topk') throw new Error('another rule')
    expectRestarted(new NativeStep(loadNative(), plain.start, plain.settings))
    const gated = of('gated')
    if (gated.settings.rule !== 'gated') throw new Error('another rule')
    expectRestarted(new PenalisedStep(loadNative(), gated.start, gated.settings))
  })

  it('counts them as just on', () => {
    const counter = new DeadLatents(4, 10)
    counter.update(Int32Array.of(0), 20)
    expect([...counter.list()]).toEqual([1, 2, 3])
    counter.revive(Int32Array.of(1, 3))
    expect([...counter.list()]).toEqual([2])
  })

  it('comes at 25 % and 50 % of the steps, with the rate rising again over 100 steps, and only when asked for', () => {
    const settings = { ...toySettings, steps: 1000, resample: true }
    const steps = Array.from({ length: 1000 }, (_, at) => at + 1)
    expect(steps.filter((step) => restartsAfter(settings, step))).toEqual([250, 500])
    expect([250, 251, 300, 350, 351, 500, 501].map((step) => restartFactor(settings, step))).toEqual([
      1, 0.01, 0.5, 1, 1, 1, 0.01,
    ])
    const without = { ...settings, resample: false }
    expect(steps.some((step) => restartsAfter(without, step) || restartFactor(without, step) !== 1)).toBe(false)
  })

  it('points where the model explains worst: directions are residuals, drawn by their squared length and the seed', async () => {
    const model = { ...startOf(toySettings, 3), decoderBias: new Float32Array(3) }
    // Nothing is on, so the residual is the row itself: 200 long rows along the first axis, 200 short ones along the second.
    const many = new Float32Array(400 * 3)
    for (let row = 0; row < 400; row++) many[row * 3 + (row < 200 ? 0 : 1)] = row < 200 ? 3 : 0.3
    const run = { math: plainMath(), rows: rowsInMemory(many, 3), train: Uint32Array.from({ length: 400 }, (_, at) => at) }
    const draw = (seed: number): Promise<Float32Array> =>
      restartDirections(
        { ...run, settings: { ...toySettings, seed }, breathe: async () => {} },
        model,
        { kind: 'threshold', threshold: 1e9 },
        50,
        10,
      )
    const drawn = await draw(1)
    expect(drawn).toHaveLength(150)
    let along = 0
    for (let at = 0; at < 150; at += 3) along += drawn[at] === 1 ? 1 : 0
    // A long row is a hundred times as likely as a short one.
    expect(along).toBeGreaterThan(45)
    expect(await draw(1)).toEqual(drawn)
  })
})
