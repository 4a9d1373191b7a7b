import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { pcaControl } from '../../src/main/trainer/controls'
import { plainMath } from '../../src/main/trainer/dense-math'
import { symmetricEigenvectors } from '../../src/main/science/eigen'
import { encodeRows, forEachChunk } from '../../src/main/trainer/encode'
import { ExplainedVariance } from '../../src/main/trainer/explained-variance'
import { survey } from '../../src/main/trainer/metrics'
import { initialModel, type Model } from '../../src/main/trainer/model'
import type { Inference } from '../../src/main/trainer/inference'
import { exactThreshold, type Sweep } from '../../src/main/trainer/threshold'
import { rowsInMemory } from '../../src/main/trainer/rows'
import { nativeMath } from '../../src/main/trainer/native-math'
import { hasNative, loadNative, needsNative } from './native-library'

const go = async (): Promise<void> => {}
const normals = (length: number, seed: number): Float32Array => {
  const random = seededRandom(seed)
  return Float32Array.from({ length }, () => random.normal())
}
const sweepOver =
  (values: Float32Array): Sweep =>
  async (visit) =>
    visit(new Uint32Array(values.buffer, values.byteOffset, values.length))
const countAbove = (values: Float32Array, threshold: number): number => values.filter((value) => value > threshold).length

describe('the exact threshold', () => {
  it.each([1, 7, 100, 4000])('lets exactly %i of 10,000 pre-activations through', async (wanted) => {
    const values = normals(10_000, 2)
    expect(countAbove(values, await exactThreshold(sweepOver(values), wanted))).toBe(wanted)
  })

  it('gives a mean L0 of exactly k on the training rows, held-out rows left aside', async () => {
    const [dims, latents, k] = [10, 40, 5]
    const rows = rowsInMemory(normals(1500 * dims, 3), dims)
    const model = initialModel(latents, dims, 0)
    const isHeldOut = Uint8Array.from({ length: 1500 }, (_, row) => (row % 4 === 0 ? 1 : 0))
    const sweep: Sweep = (visit) =>
      forEachChunk(plainMath(), model, rows, go, (pre, start, count) => {
        for (let row = 0; row < count; row++)
          if (isHeldOut[start + row] === 0) visit(new Uint32Array(pre.buffer, row * latents * 4, latents))
      })
    const threshold = await exactThreshold(sweep, k * 1125)
    const { l0 } = await survey(plainMath(), model, rows, isHeldOut, { kind: 'threshold', threshold }, go)
    expect(l0.train).toBe(k)
    expect(Math.abs((l0.heldOut ?? 0) - k)).toBeLessThan(0.5)
  })

  it('is 0 when there are not enough positive values, and drops equal values at the edge together', async () => {
    expect(await exactThreshold(sweepOver(Float32Array.of(-1, 2, 3, -0, 0)), 2)).toBe(0)
    const tied = Float32Array.of(5, 4, 4, 4, 1)
    expect(countAbove(tied, await exactThreshold(sweepOver(tied), 2))).toBe(1)
  })

  it('separates neighbouring floats', async () => {
    const values = Float32Array.of(1, 1 + 2 ** -23, 1 + 2 ** -22, 65_536, 1e-40)
    for (const wanted of [1, 2, 3, 4]) expect(countAbove(values, await exactThreshold(sweepOver(values), wanted))).toBe(wanted)
  })
})

describe('explained variance', () => {
  it.each([0, 3, 100])('is 0 for the mean predictor and 1 for a perfect one, at offset %i and scales 0.1, 1, 10', (offset) => {
    for (const scale of [0.1, 1, 10]) {
      const dims = 6
      const rows = Float64Array.from(normals(400 * dims, 4), (value) => offset + scale * value)
      const mean = new Float64Array(dims)
      rows.forEach((value, at) => (mean[at % dims] = (mean[at % dims] as number) + value / 400))
      const byMean = new ExplainedVariance(dims)
      const perfect = new ExplainedVariance(dims)
      for (let start = 0; start < rows.length; start += dims) {
        byMean.add(rows, start, mean)
        perfect.add(rows, start, rows.subarray(start, start + dims))
      }
      expect(byMean.value()).toBeCloseTo(0, 9)
      expect(perfect.value()).toBe(1)
    }
  })

  it('is absent, not NaN, for rows that do not vary and for no rows', () => {
    const constant = new ExplainedVariance(2)
    expect(constant.value()).toBeNull()
    for (let row = 0; row < 3; row++) constant.add(Float64Array.of(1, 2), 0, Float64Array.of(1, 2))
    expect(constant.value()).toBeNull()
  })
})

describe('the survey', () => {
  it('counts activations, dead and dense latents on a case small enough to check by hand', async () => {
    // Latent 0 reads x, latent 1 reads y, latent 2 reads −x − 10 (never on). Row 3 is held out.
    const model: Model = {
      latents: 3,
      dims: 2,
      encoder: Float32Array.of(1, 0, 0, 1, -1, 0),
      decoder: Float32Array.of(1, 0, 0, 1, -1, 0),
      encoderBias: Float32Array.of(0, 0, -10),
      decoderBias: new Float32Array(2),
    }
    const rows = rowsInMemory(Float32Array.of(2, 0, 3, 1, 1, -1, 4, 4), 2)
    const stored: number[] = []
    const metrics = await survey(
      plainMath(),
      model,
      rows,
      Uint8Array.of(0, 0, 0, 1),
      { kind: 'threshold', threshold: 0.5 },
      go,
      (chunk) => stored.push(...chunk.indices),
    )
    expect(stored).toEqual([0, 0, 1, 0, 0, 1])
    expect(metrics).toEqual({
      explainedVariance: { train: 1 - 1 / 4, heldOut: null },
      l0: { train: 4 / 3, heldOut: 2 },
      dead: 1,
      dense: 1,
    })
  })
})

describe('encoding', () => {
  const [dims, latents, count] = [30, 64, 2500]
  const all = normals(count * dims, 6)
  const model = initialModel(latents, dims, 2)

  async function activeRow(
    math: ReturnType<typeof plainMath>,
    from: number,
    to: number,
    row: number,
    inference: Inference,
  ): Promise<string> {
    let found = ''
    await encodeRows(math, model, rowsInMemory(all.slice(from * dims, to * dims), dims), inference, go, (chunk) => {
      const local = row - from - chunk.start
      if (local < 0 || local >= chunk.count) return
      const [start, end] = [chunk.indptr[local], chunk.indptr[local + 1]]
      found = `${chunk.indices.slice(start, end).join()} ${chunk.values.slice(start, end).join()}`
    })
    return found
  }

  const rules: readonly Inference[] = [
    { kind: 'topk', k: 5 },
    // So many are on that the kernel has no room for them, and so few that it has.
    { kind: 'threshold', threshold: 0.8 },
    { kind: 'threshold', threshold: 1.5 },
    { kind: 'thresholds', thresholds: normals(latents, 7).map((value) => 1.7 + 0.2 * value) },
    { kind: 'gates', gain: normals(latents, 8).map(Math.abs), offset: normals(latents, 9) },
  ]
  const partitionsAgree = async (math: ReturnType<typeof plainMath>): Promise<void> => {
    for (const inference of rules) {
      for (const row of [0, 1030, 2499]) {
        const whole = await activeRow(math, 0, count, row, inference)
        expect(whole.length).toBeGreaterThan(3)
        expect(await activeRow(math, row, row + 1, row, inference)).toBe(whole)
        expect(await activeRow(math, Math.max(0, row - 333), Math.min(count, row + 7), row, inference)).toBe(whole)
      }
    }
  }

  it('gives a row the same bytes alone, in a part and in the whole (plain JavaScript)', () => partitionsAgree(plainMath()))
  it.skipIf(!hasNative)(`gives a row the same bytes alone, in a part and in the whole (TensorFlow)${needsNative}`, () =>
    partitionsAgree(nativeMath(loadNative())),
  )

  it.skipIf(!hasNative)(`gives the same bytes through the kernel and without it${needsNative}`, async () => {
    const biased = { ...model, encoderBias: normals(latents, 10).map((value) => 0.3 * value - 1) }
    const { encoder, ...withoutKernel } = nativeMath(loadNative())
    expect(encoder).toBeDefined()
    for (const inference of rules) {
      const [quick, plain] = [nativeMath(loadNative()), withoutKernel].map(async (math) => {
        const found: unknown[] = []
        await encodeRows(math, biased, rowsInMemory(all, dims), inference, go, ({ indptr, indices, values }) =>
          found.push([[...indptr], [...indices], [...values]]),
        )
        return found
      })
      expect(await quick).toEqual(await plain)
    }
  })
})

describe('the PCA control', () => {
  it('finds the eigenvectors of a symmetric matrix', () => {
    const vectors = symmetricEigenvectors(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5), 3)
    expect(Array.from(vectors.subarray(0, 3), Math.abs)).toEqual([0, 0, 1])
    expect(Math.abs(vectors[3] as number)).toBeCloseTo(Math.SQRT1_2, 12)
    expect((vectors[6] as number) * (vectors[7] as number)).toBeCloseTo(-0.5, 12)
  })

  it('explains what the eigenvalues of the covariance say, on spectra with and without gaps', async () => {
    const [dims, count] = [24, 600]
    for (const decay of [0.98, 0.7]) {
      const values = normals(count * dims, 8).map((value, at) => value * decay ** (at % dims))
      for (let dim = 0; dim < dims; dim++) {
        let mean = 0
        for (let row = 0; row < count; row++) mean += (values[row * dims + dim] as number) / count
        for (let row = 0; row < count; row++) values[row * dims + dim] = (values[row * dims + dim] as number) - mean
      }
      const covariance = new Float64Array(dims * dims)
      for (let a = 0; a < dims; a++)
        for (let b = 0; b < dims; b++)
          for (let row = 0; row < count; row++)
            covariance[a * dims + b] =
              (covariance[a * dims + b] as number) + (values[row * dims + a] as number) * (values[row * dims + b] as number)
      const vectors = symmetricEigenvectors(covariance, dims)
      const captured = (axis: number): number => {
        const vector = vectors.subarray(axis * dims, (axis + 1) * dims)
        return vector.reduce(
          (sum, left, a) =>
            sum + left * vector.reduce((inner, right, b) => inner + right * (covariance[a * dims + b] as number), 0),
          0,
        )
      }
      const all = Array.from({ length: dims }, (_, axis) => captured(axis))
      const share = all.slice(0, 5).reduce((sum, value) => sum + value, 0) / all.reduce((sum, value) => sum + value, 0)
      const pca = await pcaControl(plainMath(), rowsInMemory(values, dims), new Uint8Array(count), 5, 0, go)
      expect(pca.axes).toBe(5)
      expect(pca.explainedVariance.train).toBeCloseTo(share, 4)
      expect(pca.explainedVariance.heldOut).toBeNull()
    }
  })

  it('explains everything with as many axes as dimensions', async () => {
    const values = normals(200 * 4, 9)
    const pca = await pcaControl(plainMath(), rowsInMemory(values, 4), new Uint8Array(200), 9, 0, go)
    expect(pca.axes).toBe(4)
    expect(pca.explainedVariance.train).toBeCloseTo(1, 6)
  })
})
