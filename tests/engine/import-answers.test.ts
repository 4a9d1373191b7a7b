// What a user may answer where a file leaves something open: each answer does what it says, and only that.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportChoice } from '@contract'
import { inspectFile } from '../../src/main/engine/import'
import { refuseWithoutSpace } from '../../src/main/engine/import/space'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import type { WholeImport } from './imported-data'
import { codeOf, nothing, read, sentenceOf } from './fixtures/reading'

const written = (lines: readonly (readonly (string | number)[])[], name = 'table.csv'): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, lines.map((fields) => fields.join(',')).join('\n'))
  return path
}
const look = (path: string, choice: Partial<ImportChoice> = {}) =>
  inspectFile(path, fewGenes, undefined, { ...nothing, ...choice })
const codes = (data: WholeImport): string[] => data.report.problems.map((problem) => problem.code)

describe('whether the first line names the columns', () => {
  const whole = (): string => written(Array.from({ length: 60 }, (_, row) => [row + 1, 2 * row + 3, row % 7]))

  it('is asked where it cannot be told, and the stop names the answer', async () => {
    const stop = (await look(whole())).problems.find((problem) => problem.code === 'TABLE_HEADER')
    expect(stop).toMatchObject({ level: 'stop', answer: 'header' })
    expect(stop?.remedy).toContain('--header')
    expect(await codeOf(read(whole(), { representation: 'X' }))).toBe('TABLE_HEADER')
  })

  it('with "no" keeps the first line as a cell', async () => {
    const data = await read(whole(), { representation: 'X', header: 'no' })
    expect(data.cellIds).toHaveLength(60)
    expect([...data.representation.values.subarray(0, 3)]).toEqual([1, 3, 0])
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual(['V1', 'V2', 'V3'])
  })

  it('with "yes" takes its values for names', async () => {
    const data = await read(whole(), { representation: 'X', header: 'yes' })
    expect(data.cellIds).toHaveLength(59)
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual(['1', '3', '0'])
  })

  it('is passed over when all its fields are empty, whatever is answered', async () => {
    const path = written([['', '', ''], ...Array.from({ length: 60 }, (_, row) => [`c${row}`, row, 30])])
    for (const header of ['yes', 'no'] as const) {
      const data = await read(path, { representation: 'X', header })
      expect(data.cellIds[0]).toBe('c0')
      expect(data.expression?.genes.map((gene) => gene.name)).toEqual(['V1', 'V2'])
    }
  })
})

describe('which way round a table is', () => {
  const genesDown = (): string =>
    written([
      ['gene', 'c1', 'c2', 'c3'],
      ['CD3D', 1, 2, 30],
      ['LYZ', 4, 0, 6],
    ])

  it('is seen, said, and can be said otherwise', async () => {
    const seen = await look(genesDown())
    expect(seen).toMatchObject({ rows: 3, columns: 2 })
    expect(seen.problems.map((problem) => problem.code)).toContain('ROWS_ARE_GENES')
    expect(await look(genesDown(), { transposed: true })).toMatchObject({ rows: 3, columns: 2 })
    expect(await look(genesDown(), { transposed: false })).toMatchObject({ rows: 2, columns: 3 })
  })

  it('turns what nothing gives away, also an embedding', async () => {
    const unknown = written([
      ['id', 's1', 's2', 's3'],
      ['spleen', 1, 2, 30],
      ['liver', 4, 0, 6],
    ])
    expect(await look(unknown, { transposed: true })).toMatchObject({ rows: 3, columns: 2, kind: 'table-expression' })
    const wide = written([
      ['', 'PC_1', 'PC_2', 'PC_3', 'PC_4'],
      ['d1', 1.5, 2.5, -1, 0.5],
      ['d2', 0.1, 0.2, 0.3, -4],
      ['d3', 9, 8, 7, -6],
    ])
    const data = await read(wide, { transposed: true })
    expect(data.cellIds).toEqual(['PC_1', 'PC_2', 'PC_3', 'PC_4'])
    expect([...data.representation.values.subarray(0, 3)]).toEqual([1.5, Math.fround(0.1), 9])
  })
})

describe('what the numbers are', () => {
  it('is recorded as the word of the user, and the scale follows it', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    const seen = await read(path)
    const said = await read(path, { verdict: 'log1p' })
    expect(seen.expression).toMatchObject({ verdict: 'counts', verdictSaid: false, scale: 'log1p of counts per 10,000' })
    expect(said.expression).toMatchObject({ verdict: 'log1p', verdictSaid: true, scale: 'as stored (log values)' })
    expect(said.expression?.matrix.values[0]).toBe(2)
    const inspection = await look(path, { verdict: 'log1p' })
    expect(inspection.expression[0]?.evidence).toMatch(/^You said that these are ln\(1 \+ x\) values\. The values alone: /)
  })

  it('is doubted where the values speak against it, and refused where they rule it out', async () => {
    const halves = await h5ad.currentFile(
      temporaryFolder(),
      (file) =>
        void file.create_dataset({ name: 'X', data: Float32Array.from(h5ad.counts, (count) => count / 2), shape: [10, 4] }),
      false,
    )
    expect(codes(await read(halves, { verdict: 'counts' }))).toContain('VERDICT_DOUBTED')
    const scaled = await h5ad.currentFile(
      temporaryFolder(),
      (file) =>
        void file.create_dataset({ name: 'X', data: Float32Array.from(h5ad.counts, (count) => count - 1.5), shape: [10, 4] }),
      false,
    )
    expect(await codeOf(read(scaled, { verdict: 'counts' }))).toBe('VERDICT_IMPOSSIBLE')
    expect(await sentenceOf(read(scaled, { verdict: 'log2' }))).toContain('below zero')
  })
})

describe('which column names the genes', () => {
  it('is chosen among those that are there', async () => {
    const path = await h5ad.written(temporaryFolder(), 'n.h5ad', (file) => {
      h5ad.frame(file, 'obs', h5ad.cellNames, [])
      const genes = h5ad.frame(file, 'var', ['a1', 'a2', 'a3', 'a4'], ['my_names'])
      h5ad.texts(genes, 'my_names', [...h5ad.geneNames])
      file.create_group('obsm').create_dataset({ name: 'X_pca', data: h5ad.embedding, shape: [10, h5ad.dims] })
      h5ad.sparse(file, 'X', h5ad.counts)
    })
    expect((await look(path)).genes.mapped).toBe(0)
    expect((await look(path)).geneColumns).toEqual(['my_names'])
    expect((await look(path, { geneColumn: 'my_names' })).genes.mapped).toBe(4)
    expect(await codeOf(read(path, { geneColumn: 'other' }))).toBe('CHOICE_UNKNOWN')
  })
})

describe('the map', () => {
  it('of the file is taken, another one of it, or none', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    expect((await read(path)).map?.name).toBe('X_umap')
    expect((await read(path, { map: 'X_umap' })).map?.name).toBe('X_umap')
    expect((await read(path, { map: 'none' })).map).toBeNull()
    expect(await codeOf(read(path, { map: 'X_tsne' }))).toBe('CHOICE_UNKNOWN')
  })
})

describe('the estimate and the report', () => {
  it('say what an import needs, and everything the review shows', async () => {
    const found = await look(await h5ad.currentFile(temporaryFolder()))
    expect(found.estimate.diskBytes).toBeGreaterThan(10 * h5ad.dims * 4)
    expect(found.estimate.memoryBytes).toBeGreaterThan(found.estimate.diskBytes)
    expect(found.estimate.sentence).toMatch(/^The import needs about .* of memory \(.* free\), .* of disk and \d+ s\.$/)
    for (const words of [
      found.description,
      'obsm/X_pca: 10 × 16',
      'X: 10 × 4, counts',
      'cell_type: category',
      ...found.problems.map((problem) => problem.message),
    ]) {
      expect(found.report).toContain(words)
    }
  })

  it('is compared with the room on the disk before anything is read', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    const { diskBytes } = (await look(path)).estimate
    const places = [{ folder: temporaryFolder(), where: 'the project', bytes: diskBytes }]
    const disk = (free: number) => () => Promise.resolve({ device: 1, free })
    expect(await codeOf(refuseWithoutSpace(places, disk(diskBytes)))).toBe('accepted')
    expect(await sentenceOf(refuseWithoutSpace(places, disk(diskBytes - 1)))).toMatch(
      /^The import would need about \d+ MB of disk space on the disk of the project; \d+ MB are free\.$/,
    )
  })
})
