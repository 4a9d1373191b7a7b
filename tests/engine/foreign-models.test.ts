// Models of other tools: what is written can be read again by us and is what the tools expect; files that are damaged,
// ambiguous or dangerous are refused; a model brought in gives the activations its tool defines.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelExportKind, ModelImportReport } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import { safetensorsPieces, type Tensor } from '../../src/main/engine/export/safetensors'
import { torchFilePieces, type SavedTensor } from '../../src/main/engine/export/torch-file'
import type { Refusal } from '../../src/main/base/refusal'
import { handlers } from '../../src/main/engine/handlers'
import { readForeignModel } from '../../src/main/engine/import/models'
import { turned } from '../../src/main/engine/import/models/foreign-model'
import { PickleProblem, readPickle } from '../../src/main/engine/import/torch/pickle'
import { withTorchFile } from '../../src/main/engine/import/torch/torch-file'
import { temporaryFolder } from '../temporary-folder'
import { plantedRows } from '../trainer/toy-data'
import { expectRefusal, workingEngine } from './in-process-trainer'

const random = seededRandom(3)
const normals = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal())
const write = (path: string, pieces: readonly Uint8Array[]): string => {
  writeFileSync(path, Buffer.concat(pieces))
  return path
}
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('a file for torch', () => {
  it('holds named tensors exactly, scalars and whole numbers too', () => {
    const tensors: SavedTensor[] = [
      { name: 'k', shape: [], values: Int32Array.of(8) },
      { name: 'encoder.weight', shape: [3, 2], values: Float32Array.of(1.5, -0, 1e-40, 3.4e38, -2, 0.1) },
      { name: 'group_sizes', shape: [2], values: BigInt64Array.of(2n, 30n) },
      { name: 'μ', shape: [0], values: new Float32Array(0) },
    ]
    const path = write(join(temporaryFolder(), 'ae.pt'), torchFilePieces(tensors))
    withTorchFile(path, ({ value, numbers }) => {
      if (!(value instanceof Map)) throw new Error('no dictionary')
      expect([...value.keys()]).toEqual(['k', 'encoder.weight', 'group_sizes', 'μ'])
      for (const { name, shape, values } of tensors) {
        const found = value.get(name)
        expect(found).toMatchObject({ kind: 'tensor', shape })
        expect(numbers(found as never)).toEqual(Float32Array.from(values, Number))
      }
    })
  })

  it('reads tensors that are views: turned, and from the middle of a storage', () => {
    const path = write(
      join(temporaryFolder(), 'ae.pt'),
      torchFilePieces([{ name: 'a', shape: [6], values: Float32Array.of(0, 1, 2, 3, 4, 5) }]),
    )
    withTorchFile(path, ({ value, numbers }) => {
      const whole = (value as Map<string, object>).get('a')
      expect(numbers({ ...whole, shape: [2, 2], stride: [1, 2], offset: 1 } as never)).toEqual(Float32Array.of(1, 3, 2, 4))
      expect(() => numbers({ ...whole, shape: [4, 2], stride: [1, 2], offset: 1 } as never)).toThrow(/FILE_DAMAGED/)
      expect(() => numbers({ ...whole, shape: [1e9], stride: [0] } as never)).toThrow(/FILE_DAMAGED/)
    })
  })

  it.each([
    ['a program', bytes('\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.'), /posix\.system/],
    ['a program by another door', bytes('\x80\x04\x8c\x08builtins\x8c\x04eval\x93.'), /builtins\.eval/],
    ['an object of a class', bytes('\x80\x02ctorch.nn\nLinear\n)\x81.'), /torch\.nn\.Linear/],
    ['an unknown instruction', bytes('\x80\x02(S\x0a.'), /instruction 53/],
    ['a call of a number', bytes('\x80\x02K\x01)R.'), /calls/],
    ['an early end', bytes('\x80\x02X\xff\x00\x00\x00ab'), /ends early/],
    ['instructions that do not fit', bytes('\x80\x02u.'), /do not fit/],
    ['a recall of nothing', bytes('\x80\x02h\x05.'), /never kept/],
  ])('is refused when it holds %s', (_, pickle, why) => {
    expect(() => readPickle(pickle)).toThrow(PickleProblem)
    expect(() => readPickle(pickle)).toThrow(why)
  })

  it('is refused in words when it is no such archive, and nothing of it is run', async () => {
    const folder = temporaryFolder()
    const marker = join(folder, 'ran')
    const evil = `\x80\x02cos\nsystem\nX${String.fromCharCode(6 + marker.length)}\x00\x00\x00touch ${marker}\x85R.`
    const archive = Buffer.concat(torchFilePieces([]))
    const at = archive.indexOf(bytes('\x80\x02ccollections'))
    const length = archive.indexOf(bytes('.'), archive.indexOf(bytes('(u.'))) - at
    archive.fill(0, at, at + length)
    bytes(evil.slice(0, length)).copy(archive, at)
    await expectRefusal(() => readForeignModel(write(join(folder, 'evil.pt'), [archive]), null), 'FILE_UNSAFE')
    await expectRefusal(
      () => readForeignModel(write(join(folder, 'old.pt'), [bytes('\x80\x02\x8a\x0alF')]), null),
      'FILE_TRUNCATED',
    )
    expect(existsSync(marker)).toBe(false)
  })
})

const [latents, dims] = [6, 4]
const lens = (): Tensor[] => [
  { name: 'W_enc', shape: [dims, latents], values: normals(latents * dims) },
  { name: 'b_enc', shape: [latents], values: normals(latents) },
  { name: 'W_dec', shape: [latents, dims], values: normals(latents * dims) },
  { name: 'b_dec', shape: [dims], values: normals(dims) },
]

function lensFolder(configuration: object, tensors: readonly Tensor[]): string {
  const folder = join(temporaryFolder(), 'sae')
  mkdirSync(folder)
  writeFileSync(join(folder, 'cfg.json'), JSON.stringify(configuration))
  write(join(folder, 'sae_weights.safetensors'), safetensorsPieces(tensors, {}))
  return folder
}

describe('reading models of other tools', () => {
  it('takes SAELens folders of each kind it can keep', () => {
    const thresholds = { name: 'threshold', shape: [latents], values: new Float32Array(latents).fill(0.5) }
    expect(readForeignModel(lensFolder({ architecture: 'standard' }, lens()), null)).toMatchObject({
      format: 'sae-lens',
      latents,
      dims,
      rule: { kind: 'threshold', threshold: 0 },
    })
    expect(readForeignModel(lensFolder({ architecture: 'topk', k: 3 }, lens()), null).rule).toEqual({ kind: 'topk', k: 3 })
    expect(readForeignModel(lensFolder({ architecture: 'jumprelu' }, [...lens(), thresholds]), 'sae-lens').rule).toMatchObject({
      threshold: thresholds.values,
    })
  })

  it('gives the same pre-activations whether the bias is subtracted first or not', () => {
    const tensors = lens()
    const plain = readForeignModel(lensFolder({ architecture: 'standard', apply_b_dec_to_input: false }, tensors), null)
    const row = normals(dims)
    for (let latent = 0; latent < latents; latent++) {
      let direct = tensors[1]?.values[latent] ?? 0
      let ours = plain.encoderBias[latent] ?? 0
      for (let dim = 0; dim < dims; dim++) {
        direct += (row[dim] ?? 0) * (tensors[0]?.values[dim * latents + latent] ?? 0)
        ours += ((row[dim] ?? 0) - (plain.centre[dim] ?? 0)) * (plain.encoder[latent * dims + dim] ?? 0)
      }
      expect(ours).toBeCloseTo(direct, 4)
    }
  })

  it('refuses what it cannot keep, in words', async () => {
    const refused = (configuration: object, tensors: readonly Tensor[], why: RegExp): Promise<void> =>
      expectRefusal(() => readForeignModel(lensFolder(configuration, tensors), null), 'MODEL_UNFIT', why)
    await refused({ architecture: 'topk' }, lens(), /does not say k/)
    await refused({ architecture: 'transcoder' }, lens(), /transcoder is not known/)
    await refused({ architecture: 'standard', normalize_activations: 'layer_norm' }, lens(), /layer_norm/)
    await refused({ architecture: 'standard' }, lens().slice(1), /no tensor called W_enc/)
    const turned = lens().map((tensor) => (tensor.name === 'W_dec' ? { ...tensor, shape: [dims, latents] } : tensor))
    await refused({ architecture: 'standard' }, turned, /W_dec has the shape 4 × 6 instead of 6 × 4/)
    await refused(
      { architecture: 'gated' },
      [...lens(), { name: 'b_gate', shape: [1], values: normals(1) }],
      /b_gate has the shape 1/,
    )
  })

  it('recognises a safetensors file by its content, whatever it is called', async () => {
    const folder = temporaryFolder()
    const whole = Buffer.concat(safetensorsPieces(lens(), {}))
    for (const name of ['weights', 'weights.bin'])
      expect(readForeignModel(write(join(folder, name), [whole]), null)).toMatchObject({ format: 'safetensors', latents, dims })
    for (const other of [bytes('cell,gene\na,1\n'), bytes('{}'), bytes('\x89HDF\r\n\x1a\n{aaaaaa')]) {
      const path = write(join(folder, 'other'), [other])
      await expectRefusal(() => readForeignModel(path, null), 'FILE_NOT_RECOGNISED')
      try {
        readForeignModel(path, null)
      } catch (error) {
        expect((error as Refusal).error.remedy).toBe('Choose the weights of the model, or the folder they were saved in.')
      }
    }
  })

  it('refuses damaged safetensors without reserving what they claim', async () => {
    const folder = temporaryFolder()
    const whole = Buffer.concat(safetensorsPieces(lens(), {}))
    const read = (name: string, content: Uint8Array) => () =>
      readForeignModel(write(join(folder, `${name}.safetensors`), [content]), null)
    await expectRefusal(read('short', whole.subarray(0, whole.length - 5)), 'FILE_TRUNCATED')
    await expectRefusal(read('tiny', whole.subarray(0, 5)), 'FILE_TRUNCATED')
    const huge = Buffer.from(whole)
    huge.writeBigUInt64LE(2n ** 40n)
    await expectRefusal(read('huge', huge), 'FILE_DAMAGED', /longer than any header/)
    const overlapping = bytes(
      JSON.stringify({
        a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
        b: { dtype: 'F32', shape: [1], data_offsets: [2, 6] },
      }),
    )
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(overlapping.length))
    await expectRefusal(read('overlap', Buffer.concat([length, overlapping, Buffer.alloc(8)])), 'FILE_DAMAGED', /b is not where/)
    await expectRefusal(() => readForeignModel(join(folder, 'absent'), null), 'FILE_NOT_FOUND')
    await expectRefusal(() => readForeignModel(folder, null), 'FILE_NOT_RECOGNISED')
  })
})

describe('a model written for another tool and brought back', () => {
  const { rows } = plantedRows(400, 12, 20, 3)

  it.each(['topk', 'batchtopk', 'matryoshka', 'relu', 'jumprelu', 'gated'] as const)(
    'gives the activations it had (%s)',
    async (arch) => {
      const { engine, project, folder, job, grant } = await workingEngine(rows, 12)
      await job('run.start', {
        arch,
        latents: 32,
        k: 4,
        steps: 60,
        batch: 64,
      })
      const before = project.runs.activations(1)
      const kinds: ModelExportKind[] = [
        'sae-lens',
        'safetensors',
        'dictionary-learning',
        ...(arch === 'topk' ? (['sparsify'] as const) : []),
      ]
      for (const what of kinds) {
        const path = join(folder, what === 'safetensors' ? 'model.safetensors' : what)
        await handlers['export.table']({ run: 1, what, file: grant(path, 'export') }, engine)
        const report = (await job('model.import', { file: grant(path, 'data'), format: null })) as ModelImportReport
        expect(report).toMatchObject({ format: what, latents: 32, dims: 12, parity: { rows: 400 }, notes: [] })
        expect(report.parity.maxRelativeDifference).toBeGreaterThan(0)
        // Of a row's activations together: ReLU leaves some rows hardly any.
        expect(report.parity.maxRelativeDifference).toBeLessThan(arch === 'relu' ? 1e-4 : 1e-5)
        const after = project.runs.activations(report.run)
        expect(Array.from(after.indices)).toEqual(Array.from(before.indices))
        // dictionary_learning makes the decoder rows of this class unit rows, so its activations are in the units of the data.
        const unit = arch === 'relu' && what === 'dictionary-learning' ? (project.runs.origin(1)?.outcome.scale ?? 0) : 1
        const apart = after.values.map((value, at) => Math.abs((value * unit) / (before.values[at] as number) - 1))
        expect(Math.max(...apart)).toBeLessThan(1e-3)
        expect(project.runs.get(report.run)).toMatchObject({ state: 'done', source: { kind: 'imported' }, settings: { k: 4 } })
      }
      project.close()
    },
    60_000,
  )

  it.each(['topk', 'batchtopk'] as const)(
    'is compared with the same controls on the same cells (%s)',
    async (arch) => {
      const { engine, project, folder, job, grant } = await workingEngine(rows, 12)
      await job('run.start', { arch, latents: 32, k: 4, steps: 200, batch: 64 })
      const path = join(folder, 'lens')
      await handlers['export.table']({ run: 1, what: 'sae-lens', file: grant(path, 'export') }, engine)
      const back = readForeignModel(path, null)
      const before = project.runs.origin(1)?.outcome
      const { run } = (await job('model.import', { file: grant(path, 'data'), format: null })) as ModelImportReport
      const after = project.runs.origin(run)?.outcome
      if (!before || !after) throw new Error('no outcome')
      expect(project.runs.heldOut(run)).toEqual(project.runs.heldOut(1))
      // The centre of the file is not the mean of the cells: the bias the model learnt is part of it.
      const learnt = back.centre.map((value, dim) => value - (project.runs.weights(1)?.mean[dim] ?? 0))
      expect(Math.hypot(...learnt)).toBeGreaterThan(0.01)
      expect(after.controls.pca.axes).toBe(before.controls.pca.axes)
      for (const part of ['train', 'heldOut'] as const) {
        const pairs = [before, after].map(({ metrics, controls }) => [
          metrics.explainedVariance[part],
          controls.pca.explainedVariance[part],
          controls.untrained.explainedVariance[part],
        ])
        pairs[0]?.forEach((value, at) => expect(pairs[1]?.[at]).toBeCloseTo(value as number, 4))
      }
      project.close()
    },
    60_000,
  )

  it('gets a threshold from the cells where the file has none, and says so', async () => {
    const { project, folder, job, grant } = await workingEngine(rows, 12)
    const [decoder, path] = [normals(30 * 12), join(folder, 'made')]
    mkdirSync(path)
    const state: SavedTensor[] = [
      { name: 'b_dec', shape: [12], values: new Float32Array(12).fill(3) },
      { name: 'k', shape: [], values: Int32Array.of(5) },
      { name: 'threshold', shape: [], values: Float32Array.of(-1) },
      { name: 'decoder.weight', shape: [12, 30], values: decoder },
      { name: 'encoder.weight', shape: [30, 12], values: normals(30 * 12) },
      { name: 'encoder.bias', shape: [30], values: new Float32Array(30) },
    ]
    write(join(path, 'ae.pt'), torchFilePieces(state))
    writeFileSync(join(path, 'config.json'), JSON.stringify({ trainer: { dict_class: 'BatchTopKSAE', k: 5 } }))
    const report = (await job('model.import', { file: grant(path, 'data'), format: 'dictionary-learning' })) as ModelImportReport
    expect(report.metrics.l0.train).toBe(5)
    expect(report.parity.maxRelativeDifference).toBeLessThan(1e-5)
    expect(report.notes.join(' ')).toContain('no threshold')
    project.close()
  }, 60_000)

  it('of the gated and the jumping kind of dictionary_learning gives the activations that tool gives', async () => {
    const { project, folder, job, grant } = await workingEngine(rows, 12)
    const [encoder, decoder] = [normals(30 * 12), normals(30 * 12).map((value) => 3 * value)]
    const centre = new Float32Array(12).fill(3)
    const [gate, magnitude, log, threshold] = [normals(30), normals(30), normals(30), normals(30).map(Math.abs)]
    const dot = (latent: number, row: Float32Array, less: Float32Array): number =>
      row.reduce((sum, value, dim) => sum + (encoder[latent * 12 + dim] as number) * (value - (less[dim] as number)), 0)
    const first = rows.subarray(0, 12)
    const kinds = {
      gated: {
        state: [
          { name: 'decoder_bias', shape: [12], values: centre },
          { name: 'r_mag', shape: [30], values: log },
          { name: 'gate_bias', shape: [30], values: gate },
          { name: 'mag_bias', shape: [30], values: magnitude },
          { name: 'encoder.weight', shape: [30, 12], values: encoder },
          { name: 'decoder.weight', shape: [12, 30], values: decoder },
        ],
        activation: (latent: number): number => {
          const plain = dot(latent, first, centre)
          const found = Math.exp(log[latent] as number) * plain + (magnitude[latent] as number)
          return plain + (gate[latent] as number) > 0 ? Math.max(0, found) : 0
        },
      },
      jumprelu: {
        state: [
          { name: 'W_enc', shape: [12, 30], values: turned(encoder, 30, 12) },
          { name: 'b_enc', shape: [30], values: gate },
          { name: 'W_dec', shape: [30, 12], values: turned(decoder, 12, 30) },
          { name: 'b_dec', shape: [12], values: centre },
          { name: 'threshold', shape: [30], values: threshold },
        ],
        activation: (latent: number): number => {
          const pre = dot(latent, first, new Float32Array(12)) + (gate[latent] as number)
          return pre > (threshold[latent] as number) ? Math.max(0, pre) : 0
        },
      },
    }
    for (const [arch, { state, activation }] of Object.entries(kinds)) {
      const file = write(join(folder, `${arch}.pt`), torchFilePieces(state))
      const report = (await job('model.import', { file: grant(file, 'data'), format: null })) as ModelImportReport
      expect(report.parity.maxRelativeDifference).toBeLessThan(1e-5)
      expect(project.runs.get(report.run)?.settings.arch).toBe(arch)
      const { indices, values, indptr } = project.runs.activations(report.run)
      const ours = new Float64Array(30)
      for (let at = 0; at < (indptr[1] as number); at++) ours[indices[at] as number] = values[at] as number
      const theirs = Array.from(ours.keys(), activation)
      expect(theirs.filter((value) => value > 0).length).toBeGreaterThan(3)
      theirs.forEach((value, latent) => expect(Math.abs((ours[latent] as number) - value)).toBeLessThan(1e-4 * (1 + value)))
    }
    project.close()
  })

  it('is refused when it takes other rows, or when the tool has no such architecture', async () => {
    const { engine, project, folder, reader, job, grant } = await workingEngine(rows, 12)
    const other = write(join(folder, 'other.safetensors'), safetensorsPieces(lens(), {}))
    reader.crashes = true
    await expectRefusal(
      () => job('model.import', { file: grant(other, 'data'), format: null }),
      'FILE_LIBRARY_FAILED',
      /other\.safetensors/,
    )
    reader.crashes = false
    await expectRefusal(
      () => job('model.import', { file: grant(other, 'data'), format: null }),
      'MODEL_UNFIT',
      /4 numbers, the cells here have 12/,
    )
    expect(project.runs.list()).toEqual([])
    await job('run.start', { arch: 'batchtopk', latents: 32, k: 4, steps: 5, batch: 64 })
    const file = grant(join(folder, 'no'), 'export')
    await expectRefusal(
      () => handlers['export.table']({ run: 1, what: 'sparsify', file }, engine),
      'MODEL_NOT_EXPRESSIBLE',
      /same number/,
    )
    project.close()
  }, 60_000)

  it('carries a configuration that dictionary_learning and sparsify ask for', async () => {
    const { engine, project, folder, job, grant } = await workingEngine(rows, 12)
    await job('run.start', { arch: 'topk', latents: 32, k: 4, steps: 5, batch: 64 })
    for (const what of ['dictionary-learning', 'sparsify'] as const)
      await handlers['export.table']({ run: 1, what, file: grant(join(folder, what), 'export') }, engine)
    const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))
    expect(json('dictionary-learning', 'config.json')).toMatchObject({
      trainer: { dict_class: 'AutoEncoderTopK', activation_dim: 12, dict_size: 32, k: 4 },
    })
    expect(json('sparsify', 'cfg.json')).toMatchObject({ activation: 'topk', num_latents: 32, k: 4, d_in: 12, transcode: false })
    project.close()
  }, 60_000)
})
