// AnnData in Zarr, versions 2 and 3, as folder and as archive: the same cells, genes and counts as in an .h5ad file, whatever the
// compression, the order and the shards.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { unzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { Inspection } from '@contract'
import * as v from 'valibot'
import { inspectFile } from '../../src/main/engine/import'
import { temporaryFolder } from '../temporary-folder'
import { formatFile } from './fixtures/formats'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read, sentenceOf } from './fixtures/reading'

const look = (path: string) => inspectFile(path, fewGenes)

/** The archive unpacked; some hold the hierarchy in a folder of their own. */
function unpacked(name: string): string {
  const folder = join(temporaryFolder(), name.replace('.zip', ''))
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(formatFile(name))))) {
    const to = join(folder, path.replace(/^data\.zarr\//, ''))
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, bytes)
  }
  return folder
}

const layouts: readonly (readonly [string, () => string])[] = [
  ['version 2 with Blosc, packed into an archive', () => formatFile('v2.zarr.zip')],
  ['version 2 with Blosc, as a folder', () => unpacked('v2.zarr.zip')],
  ['version 3 with Zstandard and counts by column, below a folder of its archive', () => formatFile('v3.zarr.zip')],
  ['version 3, as a folder', () => unpacked('v3.zarr.zip')],
  ['version 3 with string columns that have gaps', () => formatFile('nullable.zarr.zip')],
  ['version 2, its description chosen instead of the folder', () => join(unpacked('v2.zarr.zip'), '.zattrs')],
  ['version 3, its description chosen instead of the folder', () => join(unpacked('v3.zarr.zip'), 'zarr.json')],
]

describe('a Zarr hierarchy', () => {
  it.each(layouts)('of %s gives cells, columns, representation, map and counts', async (_, path) => {
    const source = path()
    const inspection = await look(source)
    v.parse(Inspection, inspection)
    expect(inspection).toMatchObject({ kind: 'zarr', rows: 10, columns: 4, maps: ['obsm/X_umap'] })
    expect(inspection.expression.map((each) => [each.key, each.verdict])).toEqual([
      ['X', 'counts'],
      ['layers/log', 'log1p'],
    ])
    const data = await read(source, { representation: 'obsm/X_pca' })
    expect(data.cellIds).toEqual(h5ad.cellNames)
    expect([...data.representation.values]).toEqual([...h5ad.embedding])
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual([...h5ad.geneNames])
    const column = (name: string) => data.columns.find((each) => each.name === name)
    expect(column('cell_type')).toMatchObject({ levels: ['T', 'B'], colours: ['#112233', '#445566'] })
    expect([...(column('cell_type')?.codes ?? [])]).toEqual([...h5ad.labelCodes])
    expect(column('donor')?.levels).toEqual(['d0', 'd1', 'd2'])
    expect([...(column('age')?.numbers ?? [])].slice(0, 4)).toEqual([30, 31, NaN, 33])
    expect(column('kept')?.levels).toEqual(['no', 'yes'])
    expect(data.sources[0]?.sha256).toMatch(/^[0-9a-f]{64}$/)
    const same = await read(await h5ad.currentFile(temporaryFolder()))
    expect([...(data.expression?.matrix.values ?? [])]).toEqual([...(same.expression?.matrix.values ?? [])])
    expect([...(data.expression?.matrix.indices ?? [])]).toEqual([...(same.expression?.matrix.indices ?? [])])
  })

  it('keeps gaps in a nullable string column as missing', async () => {
    const data = await read(formatFile('nullable.zarr.zip'), { representation: 'obsm/X_pca' })
    const note = data.columns.find((each) => each.name === 'note')
    expect([...(note?.codes ?? [])]).toEqual([0, -1, 0, -1, 0, -1, 0, -1, 0, -1])
  })

  const codecs = ['none', 'zlib', 'gzip', 'zstd', 'lz4', 'fortran'].concat(
    ['blosclz', 'lz4', 'zlib', 'zstd'].flatMap((inner) => [0, 1, 2].map((shuffle) => `blosc_${inner}_${shuffle}`)),
  )
  it.each(codecs)('packed with %s gives the same table', async (name) => {
    const data = await read(formatFile('codecs.zarr.zip'), { representation: `obsm/${name}` })
    expect([...data.representation.values]).toEqual(Array.from({ length: 4000 }, (_, at) => (at * 3) % 7))
  })

  it('puts the fill value where a piece was never written', async () => {
    const data = await read(formatFile('codecs.zarr.zip'), { representation: 'obsm/unwritten' })
    const { values } = data.representation
    expect([values[0], values[1], values[255], values[256], values[5 * 400]]).toEqual([0, 3, 2, 3.5, 3.5])
  })

  it('with a compression that is not built in loses only that part, by name', async () => {
    const inspection = await look(formatFile('codecs.zarr.zip'))
    expect(inspection.representations.find((each) => each.key === 'obsm/bz2')).toMatchObject({ usable: false })
    expect(await codeOf(read(formatFile('codecs.zarr.zip'), { representation: 'obsm/bz2' }))).toBe('COMPRESSION_MISSING')
    expect(await sentenceOf(read(formatFile('codecs.zarr.zip'), { representation: 'obsm/bz2' }))).toContain('bz2')
  })

  it.each(['sharded', 'sharded_blosc', 'transposed', 'big', 'half'])('of version 3, %s, gives the same table', async (name) => {
    const data = await read(formatFile('sharded.zarr.zip'), { representation: `obsm/${name}` })
    expect([...data.representation.values]).toEqual(Array.from({ length: 600 }, (_, at) => (at * 7) % 23))
  })

  it('takes a fill value that is no number for missing numbers', async () => {
    const path = formatFile('sharded.zarr.zip')
    expect(await codeOf(read(path, { representation: 'obsm/gaps' }))).toBe('MISSING_NUMBERS')
  })
})

describe('a Zarr folder that is not whole', () => {
  const change = (name: string, file: string, work: (path: string) => void): string => {
    const folder = unpacked(name)
    work(join(folder, file))
    return folder
  }

  it.each<[string, string, string, (path: string) => void, string]>([
    ['a description that is no JSON', 'v3.zarr.zip', 'obs/zarr.json', (path) => writeFileSync(path, '{"a": '), 'FILE_DAMAGED'],
    ['no table of cells', 'v3.zarr.zip', 'obs', (path) => rmSync(path, { recursive: true }), 'FILE_NOT_RECOGNISED'],
    ['names of cells cut off', 'v2.zarr.zip', 'obs/_index/0', (path) => writeFileSync(path, 'x'), 'FILE_DAMAGED'],
  ])('with %s is refused', async (_, name, file, work, code) => {
    expect(await codeOf(look(change(name, file, work)))).toBe(code)
  })

  it('with a damaged matrix names the part, and keeps the rest', async () => {
    const folder = change('v2.zarr.zip', 'X/data/0', (path) => writeFileSync(path, readFileSync(path).subarray(0, 20)))
    expect(await sentenceOf(read(folder, { representation: 'obsm/X_pca' }))).toMatch(/X\/data/)
    expect(await codeOf(read(folder, { representation: 'obsm/X_pca', expression: 'none' }))).toBe('accepted')
  })

  it('that claims more values than its files can hold is refused before anything is reserved', async () => {
    const folder = change('v2.zarr.zip', 'obsm/X_pca/.zarray', (path) => {
      const array = JSON.parse(readFileSync(path, 'utf8')) as { shape: number[] }
      writeFileSync(path, JSON.stringify({ ...array, shape: [10, 4_000_000_000] }))
    })
    const inspection = await look(folder)
    expect(inspection.representations.find((each) => each.key === 'obsm/X_pca')).toMatchObject({ usable: false })
  })

  it('never follows a link out of the folder', async () => {
    const outside = temporaryFolder()
    const folder = change('v2.zarr.zip', 'obsm/X_pca', (path) => {
      renameSync(path, join(outside, 'stolen'))
      symlinkSync(join(outside, 'stolen'), path)
    })
    expect((await look(folder)).representations.map((each) => each.key)).not.toContain('obsm/X_pca')
  })
})
