// What is measured beyond one number, on models small enough to know the answers, and the controls on request.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { balancedAccuracy, fitProbe } from '../../src/main/science/linear-probe'
import { pcaControl } from '../../src/main/trainer/controls'
import { plainMath } from '../../src/main/trainer/dense-math'
import { icaControl } from '../../src/main/trainer/independent-components'
import { survey, type SurveyChecks } from '../../src/main/trainer/metrics'
import type { Model } from '../../src/main/trainer/model'
import { nmfControl } from '../../src/main/trainer/non-negative-parts'
import { rowsInMemory, type Rows } from '../../src/main/trainer/rows'

const go = async (): Promise<void> => {}
const math = plainMath()
const checks: SurveyChecks = { labels: null, seed: 0 }

/** A model whose latents are the axes and their opposites: with all of them on, it copies every row. */
function axes(dims: number, factor = 1): Model {
  const decoder = new Float32Array(2 * dims * dims)
  for (let dim = 0; dim < dims; dim++) {
    decoder[dim * dims + dim] = 1
    decoder[(dims + dim) * dims + dim] = -1
  }
  const encoder = decoder.map((value) => value * factor)
  return {
    latents: 2 * dims,
    dims,
    encoder,
    decoder,
    encoderBias: new Float32Array(2 * dims),
    decoderBias: new Float32Array(dims),
  }
}

function normals(count: number, dims: number, seed: number): Rows {
  const random = seededRandom(seed)
  return rowsInMemory(
    Float32Array.from({ length: count * dims }, () => random.normal()),
    dims,
  )
}

const everyFifth = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, row) => (row % 5 === 0 ? 1 : 0))
const all = { kind: 'threshold', threshold: 0 } as const

describe('the details of a run', () => {
  it('are perfect for a model that copies every row', async () => {
    const rows = normals(400, 6, 1)
    const { details } = await survey(math, axes(6), rows, everyFifth(400), all, go, undefined, checks)
    expect(details?.dimensions.median).toEqual({ train: 1, heldOut: 1 })
    expect(details?.shrinkage.train).toBeCloseTo(1, 6)
    expect(details?.cosine.heldOut).toBeCloseTo(1, 6)
    expect(details?.l0.train).toEqual({ low: 6, median: 6, high: 6 })
    expect(details?.neighbours?.kept).toEqual({ train: 1, heldOut: 1 })
    expect(details?.duplicates).toBe(0)
    expect(details?.encoderDecoder?.low).toBeCloseTo(1, 6)
  })

  it('show a reconstruction that is too short, and its direction as unharmed', async () => {
    const { details } = await survey(math, axes(6, 0.8), normals(400, 6, 2), everyFifth(400), all, go, undefined, checks)
    expect(details?.shrinkage.train).toBeCloseTo(0.8, 2)
    expect(details?.cosine.train).toBeCloseTo(1, 2)
  })

  it('name the dimension that is not explained, and count latents that say the same', async () => {
    const model = axes(6)
    model.decoder[3 * 6 + 3] = 0
    model.decoder[3 * 6 + 2] = 1
    model.encoder.fill(0, 9 * 6, 10 * 6)
    const { details } = await survey(math, model, normals(300, 6, 3), everyFifth(300), all, go, undefined, checks)
    expect(details?.dimensions.worst[0]?.dimension).toBe(3)
    expect(details?.dimensions.worst[0]?.heldOut).toBeLessThan(0.1)
    expect(details?.duplicates).toBe(2)
  })

  it('keep apart what is rare, and say nothing about held-out rows when there are none', async () => {
    const model = axes(4)
    model.encoderBias[0] = -2.4
    const { details, dead } = await survey(math, model, normals(500, 4, 4), new Uint8Array(500), all, go, undefined, checks)
    expect([details?.rare, dead]).toEqual([1, 0])
    expect([details?.l0.heldOut, details?.cosine.heldOut, details?.dimensions.median.heldOut]).toEqual([null, null, null])
    expect(details?.probe).toBeNull()
  })

  it('tell whether cell types survive the reconstruction', async () => {
    const random = seededRandom(5)
    const codes = Int32Array.from({ length: 600 }, (_, row) => (row % 11 === 0 ? -1 : row % 3))
    const rows = normals(600, 6, 6)
    const values = rows.read(0, 600)
    codes.forEach((code, row) => {
      if (code >= 0) values[row * 6 + code] = (values[row * 6 + code] as number) + 6 + random.uniform()
    })
    const labels = { column: 'type', classes: 3, codes }
    const whole = await survey(math, axes(6), rows, everyFifth(600), all, go, undefined, { labels, seed: 0 })
    expect(whole.details?.probe).toMatchObject({ column: 'type', classes: 3, chance: 1 / 3 })
    expect(whole.details?.probe?.onData).toBeGreaterThan(0.97)
    expect(whole.details?.probe?.onReconstruction).toBe(whole.details?.probe?.onData)
    const blind = axes(6)
    blind.encoder.fill(0, 0, 3 * 6)
    blind.encoder.fill(0, 6 * 6, 9 * 6)
    const lost = await survey(math, blind, rows, everyFifth(600), all, go, undefined, { labels, seed: 0 })
    expect(lost.details?.probe?.onReconstruction).toBeLessThan(0.45)
  })
})

describe('the probe of cell types', () => {
  it('counts a rare type as much as a common one', () => {
    const rows = Float32Array.from([0, 0.1, 0.2, 0.3, 0.1, 0.2, 0.05, 0.15, 5, 5.1, 0.1])
    const labels = Int32Array.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    const table = { rows, dims: 1, labels }
    const classify = fitProbe(table, 2)
    expect(classify && balancedAccuracy(classify, table, 2)).toBeCloseTo((1 + 2 / 3) / 2, 10)
  })

  it('is not made from one type alone or from rows that do not vary', () => {
    expect(fitProbe({ rows: Float32Array.of(1, 2, 3), dims: 1, labels: Int32Array.of(0, 0, -1) }, 2)).toBeNull()
    expect(fitProbe({ rows: Float32Array.of(1, 1, 2, 2), dims: 1, labels: Int32Array.of(0, 0, 1, 1) }, 2)).toBeNull()
  })
})

describe('controls on request', () => {
  const random = seededRandom(9)
  const [count, dims] = [1500, 8]
  // Sparse, independent sources mixed by directions that are not orthogonal: what ICA can see and PCA cannot.
  const mixing = Float64Array.from({ length: dims * dims }, () => random.normal())
  const values = new Float32Array(count * dims)
  for (let row = 0; row < count; row++)
    for (let source = 0; source < dims; source++) {
      if (random.uniform() > 0.15) continue
      const strength = random.normal() * 3
      for (let dim = 0; dim < dims; dim++)
        values[row * dims + dim] = (values[row * dims + dim] as number) + strength * (mixing[source * dims + dim] as number)
    }
  for (let dim = 0; dim < dims; dim++) {
    let sum = 0
    for (let row = 0; row < count; row++) sum += values[row * dims + dim] as number
    for (let row = 0; row < count; row++) values[row * dims + dim] = (values[row * dims + dim] as number) - sum / count
  }
  const rows = rowsInMemory(values, dims)
  const held = everyFifth(count)
  const train = Uint32Array.from(held.keys()).filter((row) => held[row] === 0)

  it('find independent components, which explain more than PCA with as many per row', async () => {
    const ica = await icaControl(math, rows, held, train, 3, 0, go)
    const pca = await pcaControl(math, rows, held, 3, 0, go)
    expect(ica).toMatchObject({ components: 8, converged: true })
    expect(ica.explainedVariance.heldOut).toBeGreaterThan(0.97)
    expect(ica.explainedVariance.heldOut).toBeGreaterThan((pca.explainedVariance.heldOut ?? 1) + 0.1)
    expect(await icaControl(math, rows, held, train, 3, 0, go)).toEqual(ica)
  })

  it('find non-negative parts that rebuild data made of such parts', async () => {
    const draw = seededRandom(10)
    const parts = Float64Array.from({ length: 3 * dims }, () => Math.max(0, draw.normal()))
    const made = new Float32Array(count * dims)
    for (let row = 0; row < count; row++)
      for (let part = 0; part < 3; part++) {
        const strength = draw.uniform() < 0.4 ? 0 : draw.uniform()
        for (let dim = 0; dim < dims; dim++)
          made[row * dims + dim] = (made[row * dims + dim] as number) + strength * (parts[part * dims + dim] as number) - 0.25
      }
    const table = rowsInMemory(made, dims)
    const nmf = await nmfControl(math, table, held, train, 3, 0, go)
    expect(nmf.parts).toBe(3)
    expect(nmf.explainedVariance.heldOut).toBeGreaterThan(0.99)
    expect(nmf.explainedVariance.heldOut).toBeLessThanOrEqual(1)
    expect(await nmfControl(math, table, held, train, 3, 0, go)).toEqual(nmf)
  })
})
