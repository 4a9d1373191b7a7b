// Models written for other tools: a file read back by a reader of its own, and weights that give the stored activations
// on rows as they were imported.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Architecture, ExportKind, Normalisation } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { Engine } from '../../src/main/engine/engine'
import { foldPreparation } from '../../src/main/engine/export/folded-model'
import { safetensorsPieces } from '../../src/main/engine/export/safetensors'
import { handlers } from '../../src/main/engine/handlers'
import type { RunWeights } from '../../src/main/engine/store/runs'
import { createProject } from '../../src/main/engine/project/project'
import { train } from '../../src/main/trainer/train'
import { temporaryFolder } from '../temporary-folder'
import { plantedRows, readFloats, writeScratch } from '../trainer/toy-data'
import { smallImport, store } from './imported-data'

interface ReadFile {
  readonly metadata: Record<string, string>
  readonly shapes: Record<string, number[]>
  readonly numbers: Record<string, Float64Array>
}

/** Reads a safetensors file byte by byte; throws where it is not as the format says. */
function readSafetensors(bytes: Buffer): ReadFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = 8 + Number(view.getBigUint64(0, true))
  const text = bytes.toString('utf8', 8, start)
  if (start % 8 !== 0 || !/^\{.*\} *$/.test(text)) throw new Error('header')
  const { __metadata__: metadata, ...entries } = JSON.parse(text) as {
    __metadata__: Record<string, string>
    [name: string]: unknown
  }
  const read: ReadFile = { metadata, shapes: {}, numbers: {} }
  let end = 0
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets } = entry as { dtype: string; shape: number[]; data_offsets: [number, number] }
    const count = shape.reduce((product, size) => product * size, 1)
    if (dtype !== 'F32' || data_offsets[0] !== end || data_offsets[1] !== end + count * 4) throw new Error(name)
    read.shapes[name] = shape
    read.numbers[name] = Float64Array.from({ length: count }, (_, at) => view.getFloat32(start + end + at * 4, true))
    end = data_offsets[1]
  }
  if (start + end !== bytes.length) throw new Error('length')
  return read
}

describe('a safetensors file', () => {
  it('holds names, shapes, numbers and texts exactly, without gaps', () => {
    const values = Float32Array.of(1.5, -0, 1e-40, 3.4e38, -2, Math.fround(0.1))
    const pieces = safetensorsPieces(
      [
        { name: 'a', shape: [2, 3], values },
        { name: 'b', shape: [1], values: new Float32Array([9, 7, 9]).subarray(1, 2) },
      ],
      { about: 'μ "quoted"\n' },
    )
    const read = readSafetensors(Buffer.concat(pieces))
    expect(read.metadata).toEqual({ about: 'μ "quoted"\n' })
    expect(read.shapes).toEqual({ a: [2, 3], b: [1] })
    expect(read.numbers).toEqual({ a: Float64Array.from(values), b: Float64Array.of(7) })
  })

  it('is not made from numbers that do not fill the shape, or with a name twice', () => {
    const one = { name: 'a', shape: [1], values: new Float32Array(1) }
    expect(() => safetensorsPieces([{ ...one, shape: [2] }], {})).toThrow('its shape says 2')
    expect(() => safetensorsPieces([one, one], {})).toThrow('two tensors')
  })
})

const dims = 12
const { rows } = plantedRows(400, dims, 20, 3)
let engine: Engine
let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  engine = new Engine({ resources: resolve(import.meta.dirname, '../../resources'), cache: folder }, '1.2.3', () => {})
})

/** A project with a run that the trainer trained on `rows`; it is run 1. */
async function trainedProject(
  arch: Architecture,
  normalise: Normalisation = 'scale',
): Promise<{ threshold: number; scale: number; activations: Csr }> {
  const project = createProject(join(folder, 'p.latiscope'), 'P', '1.2.2')
  engine.useProject(project)
  const cellIds = Array.from({ length: 400 }, (_, cell) => `c${cell}`)
  const representation = { key: 'obsm/X_pca', dims, values: rows }
  await store(project, { ...smallImport(), cellIds, representation, expression: null, columns: [], map: null })
  const spec = writeScratch(join(folder, 'scratch'), rows, dims, { arch, seed: 5, normalise, learningRate: 3e-3 })
  const outcome = await train(
    spec,
    { info: { name: 'cpu', native: false, version: '1', threads: 1, problem: null }, binding: null },
    { post: () => {}, wish: () => 'go', takeCheckpointRequest: () => false, log: () => {} },
  )
  const part = (name: string): Float32Array => readFloats(spec.scratch, `${name}.f32`)
  const bytes = (name: string): ArrayBuffer => new Uint8Array(readFileSync(join(spec.scratch, name))).buffer
  const activations: Csr = {
    rows: 400,
    columns: spec.settings.latents,
    indptr: new Float64Array(bytes('activation-indptr.f64')),
    indices: new Uint32Array(bytes('activation-indices.u32')),
    values: part('activation-values'),
  }
  const weights = {
    encoder: part('encoder'),
    decoder: part('decoder'),
    encoderBias: part('encoder-bias'),
    decoderBias: part('decoder-bias'),
    mean: part('mean'),
    ...Object.fromEntries(
      Object.entries(optionalFiles).flatMap(([name, file]) =>
        existsSync(join(spec.scratch, `${file}.f32`)) ? [[name, part(file)] as const] : [],
      ),
    ),
  }
  const run = project.runs.start(spec.settings, engine.dataset.fingerprint, '1.2.2', new Date())
  const byLatent = transpose(activations)
  project.runs.finish(run, { outcome, weights, activations, byLatent, densityHistogram: [], groups: [], flags: [] }, new Date())
  return { threshold: outcome.threshold, scale: outcome.scale, activations }
}

const write = (what: ExportKind, path: string) => {
  const token = 'c'.repeat(32)
  engine.grant({ token, path, purpose: 'export' })
  return Promise.resolve(handlers['export.table']({ run: 1, what, file: token }, engine))
}
const at = (numbers: Float64Array | Float32Array | undefined, index: number): number => numbers?.[index] ?? NaN

const optionalFiles = {
  ...{ inputFactors: 'input-factors', inputMatrix: 'input-matrix', inputInverse: 'input-inverse' },
  ...{ thresholds: 'thresholds', magnitudeLog: 'magnitude-log', magnitudeBias: 'magnitude-bias' },
}

/** (x − b_dec)·W_enc of one imported row, in double precision. */
function products({ shapes, numbers }: ReadFile, cell: number): number[] {
  const [, latents = 0] = shapes['W_enc'] ?? []
  return Array.from({ length: latents }, (_, latent) => {
    let sum = 0
    for (let dim = 0; dim < dims; dim++)
      sum += (at(rows, cell * dims + dim) - at(numbers['b_dec'], dim)) * at(numbers['W_enc'], dim * latents + latent)
    return sum
  })
}

/** Activations of one row as SAELens defines them for the architecture. */
function activate(products: readonly number[], { metadata, numbers }: ReadFile): number[] {
  const part = (name: string, latent: number): number => at(numbers[name], latent)
  if (metadata['architecture'] === 'gated')
    return products.map((value, latent) => {
      const size = value * Math.exp(part('r_mag', latent)) + part('b_mag', latent)
      return value + part('b_gate', latent) > 0 ? Math.max(size, 0) : 0
    })
  const pre = products.map((value, latent) => value + part('b_enc', latent))
  if (metadata['architecture'] === 'standard') return pre.map((value) => Math.max(value, 0))
  if (metadata['architecture'] === 'jumprelu')
    return pre.map((value, latent) => (value > part('threshold', latent) ? Math.max(value, 0) : 0))
  const edge = pre.toSorted((a, b) => b - a)[Number(metadata['k']) - 1] ?? NaN
  return pre.map((value) => (value >= edge ? Math.max(value, 0) : 0))
}

/** A vector in the units of training, back in those of the data but for the mean. */
function unprepared({ inputFactors, inputInverse }: RunWeights, vector: readonly number[], scale: number): number[] {
  if (inputFactors) return vector.map((value, dim) => value / at(inputFactors, dim) / scale)
  if (inputInverse)
    return vector.map(
      (_, dim) => vector.reduce((sum, value, from) => sum + value * at(inputInverse, from * dims + dim), 0) / scale,
    )
  return vector.map((value) => value / scale)
}

const dense = ({ indptr, indices, values, columns }: Csr, cell: number): number[] => {
  const row = new Array<number>(columns).fill(0)
  for (let from = at(indptr, cell); from < at(indptr, cell + 1); from++) row[indices[from] ?? -1] = at(values, from)
  return row
}
const distance = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((value, i) => value - (b[i] ?? NaN)))

describe.each([
  ['batchtopk', 'jumprelu', 'scale'],
  ['matryoshka', 'jumprelu', 'scale'],
  ['topk', 'topk', 'scale'],
  ['relu', 'standard', 'scale'],
  ['jumprelu', 'jumprelu', 'scale'],
  ['gated', 'gated', 'scale'],
  ['gated', 'gated', 'whiten'],
  ['batchtopk', 'jumprelu', 'zscore'],
  ['relu', 'standard', 'whiten'],
  ['topk', 'topk', 'none'],
] as const)('a trained %s model written for other tools', (arch, written, normalise) => {
  it(`is ${written} on imported rows, prepared by ${normalise}: same latents on, same activations, same reconstruction within 1e-5`, async () => {
    const { activations, threshold, scale } = await trainedProject(arch, normalise)
    await write('safetensors', join(folder, 'm.safetensors'))
    const file = readSafetensors(readFileSync(join(folder, 'm.safetensors')))
    expect(file.metadata['architecture']).toBe(written)
    expect(threshold > 0).toBe(arch === 'batchtopk' || arch === 'matryoshka')
    const weights = engine.project.runs.weights(1)
    let on = 0
    for (let cell = 0; cell < 400; cell++) {
      const stored = dense(activations, cell)
      const found = activate(products(file, cell), file)
      expect(found.map((value) => value > 0)).toEqual(stored.map((value) => value > 0))
      expect(distance(found, stored)).toBeLessThanOrEqual(1e-5 * Math.hypot(...stored))
      const decoded = (decoder: Float64Array | Float32Array | undefined, dim: number): number =>
        stored.reduce((sum, value, latent) => sum + value * at(decoder, latent * dims + dim), 0)
      const standardised = Array.from(weights.decoderBias, (bias, dim) => bias + decoded(weights.decoder, dim))
      const trained = unprepared(weights, standardised, scale).map((value, dim) => at(weights.mean, dim) + value)
      const exported = trained.map((_, dim) => at(file.numbers['b_dec'], dim) + decoded(file.numbers['W_dec'], dim))
      expect(distance(exported, trained)).toBeLessThanOrEqual(1e-5 * Math.hypot(...trained))
      on += stored.filter((value) => value > 0).length
    }
    expect(on).toBeGreaterThan(400)
    await engine.closeProject()
  })
})

describe('the folder for SAELens', () => {
  it('of a gated model has gates and magnitudes, and no b_enc, which its loader rejects', async () => {
    await trainedProject('gated')
    await write('sae-lens', join(folder, 'sae'))
    const file = readSafetensors(readFileSync(join(folder, 'sae/sae_weights.safetensors')))
    expect(file.shapes).toEqual({ W_enc: [12, 32], W_dec: [32, 12], b_dec: [12], b_gate: [32], b_mag: [32], r_mag: [32] })
    engine.closeProject()
  })

  it('of a JumpReLU model has a threshold for each latent', async () => {
    await trainedProject('jumprelu')
    await write('sae-lens', join(folder, 'sae'))
    const file = readSafetensors(readFileSync(join(folder, 'sae/sae_weights.safetensors')))
    expect(new Set(file.numbers['threshold']).size).toBeGreaterThan(10)
    engine.closeProject()
  })

  it('has exactly the keys and tensors its loader needs, and says where the model comes from', async () => {
    const { threshold, scale } = await trainedProject('batchtopk')
    const { written } = await write('sae-lens', join(folder, 'sae'))
    expect(written.map(({ path }) => path)).toEqual([join(folder, 'sae/cfg.json'), join(folder, 'sae/sae_weights.safetensors')])
    const configuration = JSON.parse(readFileSync(join(folder, 'sae/cfg.json'), 'utf8')) as Record<string, unknown>
    expect(configuration).toMatchObject({
      architecture: 'jumprelu',
      d_in: 12,
      d_sae: 32,
      dtype: 'float32',
      apply_b_dec_to_input: true,
      normalize_activations: 'none',
      metadata: {
        sae_lens_version: '6.18.0',
        training_architecture: 'batchtopk',
        training_k: 4,
        seed: 5,
        data_fingerprint: engine.dataset.fingerprint,
        trained_by: 'Latiscope 1.2.2',
        written_by: 'Latiscope 1.2.3',
        folded_input_scale: scale,
      },
    })
    const file = readSafetensors(readFileSync(join(folder, 'sae/sae_weights.safetensors')))
    expect(file.shapes).toEqual({ W_enc: [12, 32], b_enc: [32], W_dec: [32, 12], b_dec: [12], threshold: [32] })
    expect(new Set(file.numbers['threshold'])).toEqual(new Set([threshold]))
    await engine.closeProject()
  })

  it('of a TopK model has k and no threshold', async () => {
    await trainedProject('topk')
    await write('sae-lens', join(folder, 'sae'))
    const configuration = JSON.parse(readFileSync(join(folder, 'sae/cfg.json'), 'utf8')) as Record<string, unknown>
    expect(configuration).toMatchObject({ architecture: 'topk', k: 4, rescale_acts_by_decoder_norm: false })
    const file = readSafetensors(readFileSync(join(folder, 'sae/sae_weights.safetensors')))
    expect(Object.keys(file.shapes)).toEqual(['W_enc', 'b_enc', 'W_dec', 'b_dec'])
    await engine.closeProject()
  })

  it('never replaces anything, leaves no half of a folder, and a file of weights never replaces a folder', async () => {
    await trainedProject('topk')
    mkdirSync(join(folder, 'mine'))
    writeFileSync(join(folder, 'mine/notes.txt'), 'mine')
    const before = readdirSync(folder)
    await expect(write('sae-lens', join(folder, 'mine'))).rejects.toMatchObject({ error: { code: 'FILE_EXISTS' } })
    await expect(write('safetensors', join(folder, 'mine'))).rejects.toMatchObject({ error: { code: 'FILE_EXISTS' } })
    await expect(write('sae-lens', join(folder, 'absent/sae'))).rejects.toMatchObject({ error: { code: 'FOLDER_NOT_FOUND' } })
    expect(readdirSync(folder)).toEqual(before)
    expect(existsSync(join(folder, 'absent'))).toBe(false)
    expect(readFileSync(join(folder, 'mine/notes.txt'), 'utf8')).toBe('mine')
    await engine.closeProject()
  })
})

it('folding loses no accuracy where the data lie far from 0', () => {
  const random = seededRandom(3)
  const draw = (count: number, offset = 0, spread = 1) =>
    Float32Array.from({ length: count }, () => offset + spread * random.normal())
  const weights = {
    encoder: draw(40 * dims),
    decoder: draw(40 * dims),
    encoderBias: draw(40),
    decoderBias: draw(dims),
    mean: draw(dims, 1000),
  }
  const scale = 20
  const folded = foldPreparation(weights, scale)
  for (let cell = 0; cell < 50; cell++) {
    const row = draw(dims, 1000, 0.05)
    for (let latent = 0; latent < 40; latent++) {
      let [trained, exported, size] = [at(weights.encoderBias, latent), at(folded.encoderBias, latent), 0]
      row.forEach((x, dim) => {
        const term = (x - at(weights.mean, dim)) * scale * at(weights.encoder, latent * dims + dim)
        trained += term
        size = Math.max(size, Math.abs(term))
        exported += (x - at(folded.decoderBias, dim)) * at(folded.encoder, dim * 40 + latent)
      })
      expect(Math.abs(exported - trained)).toBeLessThanOrEqual(1e-6 * size)
    }
  }
})
