import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { chooseStep } from '../../src/main/trainer/choose-step'
import { FastStep, fastStep } from '../../src/main/trainer/fast-step'
import { initialModel, type Model } from '../../src/main/trainer/model'
import { NativeStep } from '../../src/main/trainer/native-step'
import { preActivations } from '../../src/main/trainer/plain-math'
import { gradientsOf } from '../../src/main/trainer/reference-gradients'
import { ReferenceStep } from '../../src/main/trainer/reference-step'
import { selectBatchTopK, selectTopK, type SelectionRule } from '../../src/main/trainer/select'
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
afterEach(() => {
  for (const step of open.splice(0)) step.dispose()
  vi.unstubAllGlobals()
})

function normals(length: number, seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length }, () => random.normal())
}
const batchesOf = (count: number, batch: number, dims: number): Float32Array[] =>
  Array.from({ length: count }, (_, at) => normals(batch * dims, 50 + at))

/** A model in general position: encoder and biases of their own. */
function generalModel(latents: number, dims: number): Model {
  const scaled = (length: number, seed: number, by: number): Float32Array => normals(length, seed).map((value) => by * value)
  return {
    ...initialModel(latents, dims, 1),
    encoder: scaled(latents * dims, 2, 1 / Math.sqrt(dims)),
    encoderBias: scaled(latents, 3, 0.1),
    decoderBias: scaled(dims, 4, 0.1),
  }
}

const largestGap = (a: Float32Array, b: ArrayLike<number>): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] as number))), 0)
const apart = (a: Model, b: Model): number => Math.max(...names.map((name) => largestGap(a[name], b[name])))

function doubled(model: Model): Model<Float64Array> {
  const { latents, dims, encoder, decoder, encoderBias, decoderBias } = model
  const wide = (values: Float32Array): Float64Array => Float64Array.from(values)
  return {
    ...{ latents, dims, encoder: wide(encoder), decoder: wide(decoder) },
    ...{ encoderBias: wide(encoderBias), decoderBias: wide(decoderBias) },
  }
}

/** Removes from each row of `gradient` its part along the row of `unit`. */
function project(gradient: Float64Array, unit: Float64Array, dims: number): void {
  for (let start = 0; start < gradient.length; start += dims) {
    let along = 0
    for (let at = start; at < start + dims; at++) along += (gradient[at] as number) * (unit[at] as number)
    for (let at = start; at < start + dims; at++) gradient[at] = (gradient[at] as number) - along * (unit[at] as number)
  }
}

/** One hash over weights and both moments. */
function fingerprint(step: FastStep, latents: number, dims: number): string {
  const hash = createHash('sha256')
  for (const name of names) {
    for (const kind of ['', 'Mean', 'Square'] as const) {
      const length = { encoder: latents * dims, decoder: latents * dims, encoderBias: latents, decoderBias: dims }[name]
      hash.update(Uint8Array.from(new Uint8Array(step.memory.floats(`${name}${kind}`, length).slice().buffer)))
    }
  }
  return hash.digest('hex')
}

const every = (step: number, below: number): Int32Array =>
  Int32Array.from({ length: Math.ceil(below / step) }, (_, at) => at * step)

interface Case {
  readonly what: string
  readonly rule: SelectionRule
  readonly latents: number
  readonly dims: number
  readonly batch: number
  readonly k: number
  readonly auxK: number
  readonly dead: Int32Array
  readonly prefixes?: readonly number[]
}
const usual = { latents: 96, dims: 20, batch: 64, k: 6, auxK: 12, dead: nobody }
const cases: readonly Case[] = [
  { ...usual, what: 'topk', rule: 'topk' },
  { ...usual, what: 'batchtopk', rule: 'batchtopk' },
  { ...usual, what: 'one row, which leaves AuxK nothing to explain', rule: 'topk', batch: 1, dead: every(3, 96) },
  { ...usual, what: 'one row', rule: 'batchtopk', batch: 1 },
  { ...usual, what: 'k = 1', rule: 'topk', k: 1 },
  { ...usual, what: 'k = 1', rule: 'batchtopk', k: 1 },
  { ...usual, what: 'k = all latents', rule: 'topk', k: 96 },
  { ...usual, what: 'k = all latents', rule: 'batchtopk', k: 96 },
  { ...usual, what: 'sizes that are multiples of nothing', rule: 'topk', latents: 101, dims: 19, batch: 71 },
  { ...usual, what: 'sizes that are multiples of nothing', rule: 'batchtopk', latents: 101, dims: 19, batch: 71 },
  { ...usual, what: 'fewer numbers than a vector holds', rule: 'batchtopk', latents: 7, dims: 3, batch: 5, k: 2 },
  { ...usual, what: 'more dead latents than AuxK takes', rule: 'topk', dead: every(3, 96) },
  { ...usual, what: 'fewer dead latents than AuxK takes', rule: 'batchtopk', auxK: 64, dead: every(3, 96) },
  { ...usual, what: 'one dead latent', rule: 'batchtopk', latents: 101, dims: 19, dead: Int32Array.of(100) },
  { ...usual, what: 'nested levels', rule: 'batchtopk', prefixes: [6, 12, 24, 96] },
  { ...usual, what: 'nested levels and dead latents', rule: 'batchtopk', prefixes: [6, 12, 24, 96], dead: every(3, 96) },
  { ...usual, what: 'nested levels of odd sizes', rule: 'batchtopk', latents: 101, dims: 19, batch: 71, prefixes: [1, 50, 101] },
  {
    ...usual,
    what: 'batches so large that AuxK sees a quarter of them in turn',
    rule: 'batchtopk',
    dims: 7,
    batch: 531,
    dead: every(3, 96),
  },
  { ...usual, what: 'all latents dead', rule: 'topk', latents: 101, dims: 19, dead: every(1, 101) },
]

describe.skipIf(!hasNative)(`the fast training step${needsNative}`, () => {
  it.each(cases)('has the gradients of double precision to 1e-6: $rule, $what', (one) => {
    const { rule, latents, dims, batch, k, auxK, dead, prefixes = [latents] } = one
    const settings: StepSettings = { rule, k, prefixes, auxCoefficient: 1 / 32, auxK, variance: dims }
    const model = generalModel(latents, dims)
    const rows = normals(batch * dims, 9)
    const wide = doubled(model)
    const { parts, reconstruction, auxiliary } = gradientsOf(wide, Float64Array.from(rows), settings, dead)
    project(parts.decoder, wide.decoder, dims)
    const step = fast(model, settings, batch)
    const report = step.learn(rows, 1e-3, dead)
    for (const name of names) {
      // After the first update, the first moment is (1 − β₁) times the gradient.
      const moments = step.memory.floats(`${name}Mean`, parts[name].length).slice()
      const largest = Math.max(...parts[name].map(Math.abs))
      expect(
        largestGap(
          moments.map((value) => value / Math.fround(0.1)),
          parts[name],
        ),
      ).toBeLessThan(1e-6 * Math.max(1, largest))
    }
    const norm = Math.sqrt(names.reduce((sum, name) => sum + parts[name].reduce((most, value) => most + value * value, 0), 0))
    expect(Math.abs(report.gradientNorm - norm)).toBeLessThan(1e-6 * Math.max(1, norm))
    expect(Math.abs(report.reconstruction - reconstruction)).toBeLessThan(1e-6 * Math.max(1, reconstruction))
    expect(Math.abs(report.loss - reconstruction - auxiliary)).toBeLessThan(1e-6 * Math.max(1, reconstruction))
  })

  it.each(cases)('equals the reference step over 50 steps, weights to 5e-5: $rule, $what', (one) => {
    const { rule, latents, dims, batch, k, auxK, dead, prefixes = [latents] } = one
    const settings: StepSettings = { rule, k, prefixes, auxCoefficient: 1 / 32, auxK, variance: dims }
    // An encoder of its own: as a copy of the decoder it has gradients that are 0 but for rounding, which Adam magnifies.
    const start = generalModel(latents, dims)
    const ours = fast(start, settings, batch)
    const theirs = new ReferenceStep(start, settings)
    const batches = batchesOf(4, batch, dims)
    for (let at = 0; at < 50; at++) {
      const rows = batches[at % 4] as Float32Array
      const who = at % 2 ? dead : nobody
      const a = ours.learn(rows, 1e-3, who)
      const b = theirs.learn(rows, 1e-3, who)
      expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-5)
      expect(Math.abs(a.smallest - b.smallest)).toBeLessThan(1e-4)
      expect(a.fired).toHaveLength(b.fired.length)
    }
    expect(apart(ours.model(), theirs.model())).toBeLessThan(5e-5)
  })

  it.each(['topk', 'batchtopk'] as const)(
    'chooses exactly the latents of the reference, ties included, step after step (%s)',
    (rule) => {
      const [latents, dims, batch, k] = [83, 6, 45, 7]
      const random = seededRandom(8)
      const few = (length: number): Float32Array => Float32Array.from({ length }, () => random.below(5) - 2)
      // Small whole numbers: every product is exact, and most values occur several times.
      const start = { ...initialModel(latents, dims, 1), encoder: few(latents * dims), encoderBias: few(latents) }
      const step = fast(start, { rule, k, auxCoefficient: 0, auxK: 0, variance: dims }, batch)
      for (let at = 0; at < 6; at++) {
        const rows = few(batch * dims)
        const pre = preActivations(start, rows)
        const expected = rule === 'topk' ? selectTopK(pre, latents, k) : selectBatchTopK(pre, latents, k * batch)
        // A rate of 0 keeps the whole numbers; the bounds still move with what was seen.
        const report = step.learn(rows, 0, nobody)
        const chosen = new Set<number>()
        const starts = step.memory.ints('starts', batch)
        const ends = step.memory.ints('ends', batch)
        const columns = step.memory.ints('columns', batch * k)
        for (let row = 0; row < batch; row++)
          for (let entry = starts[row] as number; entry < (ends[row] as number); entry++)
            chosen.add(row * latents + (columns[entry] as number))
        expect(chosen).toEqual(new Set(Array.from(expected.rows, (row, on) => row * latents + (expected.columns[on] as number))))
        expect(report.fired).toHaveLength(expected.columns.length)
        expect(report.smallest).toBe(expected.smallest)
      }
    },
  )

  it('finds the largest of the batch when all of them sit in a few rows', () => {
    const [latents, dims, batch, k] = [64, 8, 96, 2]
    const start = generalModel(latents, dims)
    const rows = normals(batch * dims, 12).map((value, at) => (at < 6 * dims ? 100 * value : 0.001 * value))
    const report = fast(start, { rule: 'batchtopk', k, auxCoefficient: 0, auxK: 0, variance: dims }, batch).learn(rows, 0, nobody)
    const expected = selectBatchTopK(preActivations(start, rows), latents, k * batch)
    expect([...report.fired].sort()).toEqual([...expected.columns].sort())
  })

  it('clips a sudden outlier as the reference step does', () => {
    const { latents, dims, batch } = usual
    const settings: StepSettings = { rule: 'topk', k: 6, auxCoefficient: 1 / 32, auxK: 12, variance: dims }
    const start = initialModel(latents, dims, 1)
    const ours = fast(start, settings, batch)
    const theirs = new ReferenceStep(start, settings)
    const batches = batchesOf(26, batch, dims)
    const outlier = (batches[25] as Float32Array).map((value) => 30 * value)
    for (const rows of [...batches.slice(0, 25), outlier, ...batches.slice(0, 3)]) {
      const a = ours.learn(rows, 1e-3, every(3, 96))
      const b = theirs.learn(rows, 1e-3, every(3, 96))
      expect(Math.abs(a.gradientNorm / b.gradientNorm - 1)).toBeLessThan(1e-4)
    }
    expect(apart(ours.model(), theirs.model())).toBeLessThan(5e-5)
  })

  it.each([
    ['topk', [203]],
    ['batchtopk', [203]],
    ['batchtopk', [20, 40, 203]],
  ] as const)(
    'gives identical bytes with 1, 2 and 3 threads and on a rerun, clipping and AuxK included (%s, levels %j)',
    (rule, prefixes) => {
      const [latents, dims, batch] = [203, 37, 130]
      const batches = batchesOf(5, batch, dims)
      const print = (threads: number): string => {
        const step = fast(
          initialModel(latents, dims, 1),
          { rule, k: 6, prefixes, auxCoefficient: 1 / 32, auxK: 12, variance: dims },
          batch,
          threads,
        )
        for (let at = 0; at < 40; at++) {
          const rows = batches[at % 5] as Float32Array
          step.learn(at === 30 ? rows.map((value) => 20 * value) : rows, 1e-3, at % 3 ? nobody : every(7, latents))
        }
        return fingerprint(step, latents, dims)
      }
      const first = print(2)
      expect(print(2)).toBe(first)
      expect(print(1)).toBe(first)
      expect(print(3)).toBe(first)
    },
  )

  it.each(['topk', 'batchtopk'] as const)(
    'survives batches in which nothing is positive, and keeps idle moments from becoming subnormal (%s)',
    (rule) => {
      const [latents, dims, batch] = [20, 6, 4]
      const start = { ...initialModel(latents, dims, 1), encoderBias: new Float32Array(latents).fill(-1e6) }
      const step = fast(start, { rule, k: 3, auxCoefficient: 0, auxK: 0, variance: dims }, batch)
      step.memory.floats('encoderMean', latents * dims).fill(1e-3)
      const rows = normals(batch * dims, 3)
      const report = step.learn(rows, 1e-3, nobody)
      expect(report.fired).toHaveLength(0)
      expect(report.smallest).toBe(0)
      expect(Number.isFinite(report.loss)).toBe(true)
      for (let at = 0; at < 1000; at++) step.learn(rows, 1e-3, nobody)
      for (const value of step.memory.floats('encoderMean', latents * dims)) {
        expect(value).toBeLessThan(1e-31)
        expect(value === 0 || value > 1e-37).toBe(true)
      }
    },
  )

  it('fails instead of waiting when a thread fails', () => {
    const { latents, dims, batch } = usual
    const settings: StepSettings = { rule: 'topk', k: 6, auxCoefficient: 0, auxK: 0, variance: dims }
    const step = fast(initialModel(latents, dims, 1), settings, batch, 3)
    const [rows] = batchesOf(1, batch, dims)
    for (let at = 0; at < 5; at++) step.learn(rows as Float32Array, 1e-3, nobody)
    step.memory.set({ slope: -64 }) // beyond the end of the memory
    expect(() => step.learn(rows as Float32Array, 1e-3, nobody)).toThrow(WebAssembly.RuntimeError)
  })

  it('gives the same bytes after a thousand small steps that the threads hurry through', () => {
    const [latents, dims, batch] = [130, 5, 66]
    const batches = batchesOf(7, batch, dims)
    const prints = [1, 2, 4].map((threads) => {
      const settings: StepSettings = { rule: 'batchtopk', k: 3, auxCoefficient: 1 / 32, auxK: 4, variance: dims }
      const step = fast(initialModel(latents, dims, 1), settings, batch, threads)
      for (let at = 0; at < 1000; at++) step.learn(batches[at % 7] as Float32Array, 1e-3, at % 50 ? nobody : every(9, latents))
      return fingerprint(step, latents, dims)
    })
    expect(new Set(prints).size).toBe(1)
  })

  it('leaves no tensors behind from step to step', () => {
    const binding = loadNative()
    const before = binding.getNumOfTensors()
    const { latents, dims, batch } = usual
    const step = fast(
      initialModel(latents, dims, 1),
      { rule: 'batchtopk', k: 6, auxCoefficient: 1 / 32, auxK: 10, variance: dims },
      batch,
    )
    const [rows] = batchesOf(1, batch, dims)
    for (let at = 0; at < 30; at++) step.learn(rows as Float32Array, 1e-3, at % 2 ? every(1 + (at % 5), latents) : nobody)
    expect(binding.getNumOfTensors()).toBe(before)
  })

  const chosenFor = (latents: number, batch: number): { step: unknown; words: string } => {
    const backend = {
      binding: loadNative(),
      info: { name: 'tensorflow', native: true, version: '', threads: 2, problem: null },
    } as const
    const settings: StepSettings = { rule: 'topk', k: 2, auxCoefficient: 1, auxK: 2, variance: 4 }
    const chosen = chooseStep(backend, initialModel(latents, 4, 1), settings, batch, () => {})
    if (chosen.step instanceof FastStep) open.push(chosen.step)
    else chosen.step.dispose()
    return chosen
  }

  it('is what a run gets, and says so', () => {
    const { step, words } = chosenFor(8, 4)
    expect(step).toBeInstanceOf(FastStep)
    expect(words).toMatch(/^fast step on \d+ threads?$/)
  })

  it('leaves shapes beyond 32-bit addresses to the plain step, and says why', () => {
    const { step, words } = chosenFor(4096, 200_000)
    expect(step).toBeInstanceOf(NativeStep)
    expect(words).toBe('plain step, because the model and its batch need more than 4 GB')
  })

  it('leaves the work to the plain step where WebAssembly cannot run the kernel, or the memory is not to be had', () => {
    const refusing = (error: Error): unknown =>
      new Proxy(Object, {
        construct() {
          throw error
        },
      })
    vi.stubGlobal('WebAssembly', { ...webAssembly(), Module: refusing(new WebAssembly.CompileError('no vectors here')) })
    expect(chosenFor(8, 4).words).toMatch(/^plain step, because WebAssembly/)
    vi.unstubAllGlobals()
    vi.stubGlobal('WebAssembly', { ...webAssembly(), Memory: refusing(new RangeError('could not allocate memory')) })
    expect(chosenFor(8, 4).words).toMatch(/^plain step, because the memory/)
  })
})

/** The members of WebAssembly, which cannot be spread. */
function webAssembly(): Record<string, unknown> {
  return Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, Reflect.get(WebAssembly, name)]))
}
