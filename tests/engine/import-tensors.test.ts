// Tensors of PyTorch and safetensors, and sparse matrices of SciPy: plain numbers are read, and nothing in a pickle is ever executed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { Inspection } from '@contract'
import * as v from 'valibot'
import type { Refusal } from '../../src/main/base/refusal'
import { inspectFile } from '../../src/main/engine/import'
import { recipeOf } from '../../src/renderer/text/remedies'
import { temporaryFolder } from '../temporary-folder'
import { formatFile } from './fixtures/formats'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read, sentenceOf } from './fixtures/reading'

const look = (name: string) => inspectFile(formatFile(name), fewGenes)

describe('a PyTorch file', () => {
  it('of one tensor is one representation without names', async () => {
    const inspection = await look('tensor.pt')
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'torch', rows: 10, columns: 16 })
    expect([...(await read(formatFile('tensor.pt'))).representation.values]).toEqual([...h5ad.embedding])
  })

  it.each(['embedding', 'turned', 'cut', 'double'])(
    'of a dictionary gives the tensor %s, with names and columns from the lists beside it',
    async (key) => {
      const data = await read(formatFile('tensors.pt'), { representation: key })
      expect(data.cellIds).toEqual(h5ad.cellNames)
      expect(data.columns).toMatchObject([{ name: 'age' }])
      expect([...data.representation.values]).toEqual([...h5ad.embedding])
    },
  )

  it.each([
    ['half', 3],
    ['brain', 2],
  ])('reads numbers in %s precision', async (key, digits) => {
    const { values } = (await read(formatFile('tensors.pt'), { representation: key })).representation
    h5ad.embedding.forEach((value, at) => expect(values[at]).toBeCloseTo(value, digits))
  })

  it('names tensors in inner dictionaries with a slash', async () => {
    expect((await look('tensors.pt')).representations.map((each) => [each.key, each.dims])).toContainEqual(['nested/small', 3])
  })

  it.each([
    ['state-dict.pt', 'weight'],
    ['parameter.pt', 'w'],
  ])('of the weights of a model, %s, gives its tables', async (name, key) => {
    expect([...(await read(formatFile(name), { representation: key })).representation.values]).toEqual([...h5ad.embedding])
  })

  it.each([
    ['whole-module.pt', /names torch\.nn\.modules\.linear\.Linear.*could run code/],
    ['old.pt', /old PyTorch file.*could run code/],
  ])('that is more than tensors, %s, is refused and nothing of it is executed', async (name, sentence) => {
    expect(await codeOf(look(name))).toBe('PICKLE_REFUSED')
    expect(await sentenceOf(look(name))).toMatch(sentence)
  })

  it.each<[string, string, RegExp]>([
    ['calls a function of the system', 'cposix\nsystem\nX\x04\0\0\0echo\x85R.', /names posix\.system/],
    ['hides the name behind two texts', '\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.', /names os\.system/],
    ['loads a class by an instruction of its own', '(ios\nsystem\n.', /pickle instruction 69/],
    ['asks a registry of classes', '\x82\x01.', /pickle instruction 82/],
    ['builds an object from a state', 'ccollections\nOrderedDict\nN}b.', /holds objects|makes no sense/],
    ['calls a tensor function with nonsense', 'ctorch._utils\n_rebuild_tensor_v2\n)R.', /no plain storage/],
    ['ends early', '(X\xff\xff\xff\x7f', /ends early/],
  ])('that %s is refused', async (_, pickle, sentence) => {
    const path = join(temporaryFolder(), 'evil.pt')
    writeFileSync(
      path,
      zipSync({ 'archive/data.pkl': Buffer.from(pickle, 'latin1'), 'archive/data/0': new Uint8Array(64) }, { level: 0 }),
    )
    expect(await codeOf(read(path))).toBe('PICKLE_REFUSED')
    expect(await sentenceOf(read(path))).toMatch(sentence)
    expect(readdirSync(process.cwd())).not.toContain('PICKLE_WAS_EXECUTED')
  })

  it('that claims more values than its storage holds is refused before anything is reserved', async () => {
    const bytes = readFileSync(formatFile('tensor.pt'))
    // The shape (10, 16): K \n K \x10 \x86 in the pickle.
    const at = bytes.indexOf(Buffer.from([0x4b, 10, 0x4b, 16, 0x86]))
    bytes[at + 1] = 255
    const path = join(temporaryFolder(), 'claims.pt')
    writeFileSync(path, bytes)
    expect(await codeOf(read(path))).toBe('FILE_DAMAGED')
    expect(await sentenceOf(read(path))).toContain('255 × 16 values')
  })
})

describe('a safetensors file', () => {
  it('gives its tables and lists', async () => {
    const inspection = await look('tensors.safetensors')
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'safetensors', rows: 10, columns: 16, metadata: [{ name: 'age' }] })
    expect([...(await read(formatFile('tensors.safetensors'), { representation: 'embedding' })).representation.values]).toEqual([
      ...h5ad.embedding,
    ])
  })

  it('that was cut off is refused, and one that claims more than it holds', async () => {
    const path = join(temporaryFolder(), 'cut.safetensors')
    const bytes = readFileSync(formatFile('tensors.safetensors'))
    writeFileSync(path, bytes.subarray(0, 600))
    expect(await codeOf(read(path))).toBe('FILE_TRUNCATED')
    writeFileSync(path, Buffer.from(bytes.toString('latin1').replace('[10,16]', '[99,16]'), 'latin1'))
    expect(await codeOf(read(path, { representation: 'embedding' }))).toMatch(/FILE_DAMAGED|PART_UNREADABLE/)
  })
})

describe('a sparse matrix of SciPy', () => {
  it.each(['csr', 'csc', 'coo'])('stored as %s gives the counts', async (layout) => {
    const inspection = await look(`sparse-${layout}.npz`)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'npz', rows: 10, columns: 4, expression: [{ key: 'X', verdict: 'counts' }] })
    const stored = h5ad.counts.filter((count) => count > 0).length
    expect(inspection.expression[0]?.histogram[0]?.share).toBeCloseTo(1 - stored / 40, 6)
  })

  it('in a rare layout is refused with the line that converts it', async () => {
    expect(await codeOf(look('sparse-bsr.npz'))).toBe('ARRAY_UNFIT')
    expect(await sentenceOf(look('sparse-bsr.npz'))).toContain('layout bsr')
  })
})

describe('files of other programs', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['obj.rds', Buffer.from('fd377a585a000004', 'hex'), /R object/],
    ['loupe.cloupe', '{"version":"3.0.0","headerSize":4096,"indexBlock":{"Start":4096}}', /Loupe Browser/],
  ])('%s is answered with a recipe', async (name, content, sentence) => {
    const path = join(temporaryFolder(), name)
    writeFileSync(path, content)
    expect(await codeOf(read(path))).toBe('EXPORT_FIRST')
    expect(await sentenceOf(read(path))).toMatch(sentence)
    expect(existsSync(path)).toBe(true)
  })

  it('the lines for R use nothing before it is made, and write a folder this program reads', async () => {
    const path = join(temporaryFolder(), 'obj.rds')
    writeFileSync(path, Buffer.from('fd377a585a000004', 'hex'))
    const refusal = await inspectFile(path, fewGenes).catch((thrown: unknown) => thrown)
    const lines = recipeOf((refusal as Refusal).error)?.lines ?? []
    const made = new Set<string>()
    for (const line of lines.filter((each) => !each.startsWith('#'))) {
      const code = line.replaceAll(/"[^"]*"/g, '""')
      for (const [, name = ''] of code.matchAll(/[(,]\s*([a-z]+)(?=[@[,)])/g)) expect(made, line).toContain(name)
      const [, assigned] = /^(\w+) <- /.exec(code) ?? []
      if (assigned) made.add(assigned)
    }
    expect([...made]).toEqual(['obj', 'counts'])
    expect(lines.join(' ')).toMatch(/"matrix\.mtx".*"barcodes\.tsv".*"features\.tsv"/)
  })

  it('a .h5seurat file is answered with the lines for R', async () => {
    const path = await h5ad.written(temporaryFolder(), 'a.h5seurat', (file) => {
      file.create_group('assays')
      file.create_dataset({ name: 'cell.names', data: ['a', 'b'] })
    })
    expect(await codeOf(inspectFile(path, fewGenes))).toBe('EXPORT_FIRST')
    expect(await sentenceOf(inspectFile(path, fewGenes))).toContain('Seurat file')
  })
})
