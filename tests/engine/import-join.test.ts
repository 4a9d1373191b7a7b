// Files beside each other become one project: matched by cell name with the known repairs, by position only when the user says so.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportChoice } from '@contract'
import type { FilesBeside } from '../../src/main/engine/import'
import { loadOntology } from '../../src/main/engine/ontology'
import { shared } from '../shared-folder'
import { temporaryFolder } from '../temporary-folder'
import { codeOf, read as readWith, sentenceOf } from './fixtures/reading'
import type { WholeImport } from './imported-data'

const read = (path: string, beside: Partial<FilesBeside>, choice: Partial<ImportChoice> = {}): Promise<WholeImport> =>
  readWith(path, choice, { beside })
const written = (name: string, rows: readonly (readonly (string | number)[])[]): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, rows.map((row) => row.join(',')).join('\n') + '\n')
  return path
}
const cells = Array.from({ length: 60 }, (_, cell) => `AAAC${String(cell).padStart(2, '0')}-1`)

const embedding = (): string =>
  written('emb.csv', [['cell', 'PC_1', 'PC_2', 'PC_3'], ...cells.map((name, cell) => [name, cell + 0.5, -cell, 0.25])])
const counts = (names: readonly string[]): string =>
  written('counts.csv', [
    ['cell', 'CD3D', 'MS4A1', 'LYZ'],
    ...names.map((name) => [name, Number(name.replace(/\D*(\d+).*/, '$1')), 30, 1]),
  ])
const labels = (names: readonly string[]): string =>
  written('meta.csv', [
    ['cell', 'cell_type'],
    ...names.map((name) => [name, Number(name.replace(/\D*(\d+).*/, '$1')) % 2 ? 'odd' : 'even']),
  ])
const levelOf = (data: WholeImport, cell: number): string | undefined => {
  const column = data.columns.find((each) => each.name === 'cell_type')
  return column?.levels[column.codes?.[cell] ?? -1]
}
const firstGene = ({ expression }: WholeImport, cell: number): number => {
  const { matrix } = expression ?? {}
  const at = matrix?.indptr[cell] ?? 0
  return matrix?.indices[at] === 0 ? (matrix.values[at] ?? 0) : 0
}

describe('joining by name', () => {
  it('gives every cell its own values, whatever the order of the other files', async () => {
    const mixed = [...cells].reverse()
    const data = await read(embedding(), { metadata: labels(mixed), expression: counts(mixed) })
    expect(data.cellIds).toEqual(cells)
    expect(data.representation.values[3 * 7]).toBe(7.5)
    expect([levelOf(data, 7), levelOf(data, 8)]).toEqual(['odd', 'even'])
    expect(firstGene(data, 7)).toBeCloseTo(Math.log1p((7 * 1e4) / 38), 4)
    expect(data.report).toMatchObject({ genes: 3, verdict: 'counts', matched: { both: 60, onlyFile: 0, onlyProject: 0 } })
  })

  it.each<[string, (name: string) => string]>([
    ['the suffix -1 is missing', (name) => name.replace(/-1$/, '')],
    ['R wrote dots for dashes', (name) => name.replace('-', '.')],
    ['a sample name stands in front', (name) => `sampleA_${name}`],
    ['a sample name stands in front and the suffix is missing', (name) => `s1#${name.replace(/-1$/, '')}`],
  ])('works where %s, and says so', async (_, rename) => {
    const data = await read(embedding(), { metadata: labels(cells.map(rename)) })
    expect(levelOf(data, 7)).toBe('odd')
    expect(data.report.problems.map((problem) => problem.code)).toContain('NAMES_REPAIRED')
    expect(data.report.matched.both).toBe(60)
  })

  it('undoes the X that R puts before digits', async () => {
    const digits = cells.map((name) => name.replace('AAAC', '9'))
    const path = written('emb.csv', [
      ['cell', 'PC_1', 'PC_2', 'PC_3'],
      ...digits.map((name, cell) => [name, cell + 0.5, -cell, 1]),
    ])
    const data = await read(path, {
      metadata: written('meta.csv', [
        ['cell', 'cell_type'],
        ...digits.map((name, cell) => [`X${name.replace('-', '.')}`, cell % 2 ? 'odd' : 'even']),
      ]),
    })
    expect([levelOf(data, 6), levelOf(data, 7)]).toEqual(['even', 'odd'])
  })

  it('keeps cells without metadata, leaves out cells without expression, and counts both', async () => {
    const some = cells.slice(5)
    const withLabels = await read(embedding(), { metadata: labels([...some, 'other-1']) })
    expect(withLabels.cellIds).toHaveLength(60)
    expect(levelOf(withLabels, 0)).toBeUndefined()
    expect(withLabels.report.matched).toEqual({ both: 55, onlyFile: 1, onlyProject: 5 })
    const withCounts = await read(embedding(), { expression: counts(some) })
    expect(withCounts.cellIds).toEqual(some)
    expect(withCounts.representation.values[0]).toBe(5.5)
    expect(firstGene(withCounts, 2)).toBeCloseTo(Math.log1p((7 * 1e4) / 38), 4)
    expect(withCounts.report.problems.find((problem) => problem.code === 'CELLS_UNMATCHED')?.message).toContain('AAAC00-1')
  })

  it('never guesses: names that match nowhere, or that occur twice there, stay apart', async () => {
    expect(await codeOf(read(embedding(), { metadata: labels(cells.map((_, cell) => `z${cell}z`)) }))).toBe('JOIN_NO_MATCH')
    const data = await read(embedding(), { metadata: labels([...cells.slice(0, 59), cells[3] ?? '']) })
    expect(levelOf(data, 3)).toBeUndefined()
    expect(data.report.matched.both).toBe(58)
  })

  it('refuses a file without expression where expression is wanted', async () => {
    expect(await codeOf(read(embedding(), { expression: labels(cells) }))).toBe('JOIN_NO_EXPRESSION')
  })
})

describe('numbers without names', () => {
  const bare = (): string => {
    const numbers = Float32Array.from({ length: 180 }, (_, at) => at / 3)
    const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (60, 3), }"
    const path = join(temporaryFolder(), 'emb.npy')
    const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, head.length, 0])
    writeFileSync(path, Buffer.concat([start, Buffer.from(head), Buffer.from(numbers.buffer)]))
    return path
  }
  const list = (names: readonly string[]): string =>
    written(
      'ids.txt',
      names.map((name) => [name]),
    )

  it('are never joined by position unless the user says so', async () => {
    expect(await sentenceOf(read(bare(), { metadata: labels(cells) }))).toMatch(/have no names, so meta.csv cannot be matched/)
    const data = await read(bare(), { metadata: labels(cells), byPosition: true })
    expect(data.cellIds).toEqual(cells)
    expect(levelOf(data, 7)).toBe('odd')
    expect(data.report.problems.map((problem) => problem.code)).toContain('JOINED_BY_POSITION')
    expect(await codeOf(read(bare(), { metadata: labels(cells.slice(1)), byPosition: true }))).toBe('JOIN_ROWS')
  })

  it('take names from a list, with or without a first line, and are then matched by them', async () => {
    const mixed = [...cells].reverse()
    for (const names of [cells, ['barcode', ...cells]]) {
      const data = await read(bare(), { ids: list(names), expression: counts(mixed) })
      expect(data.cellIds).toEqual(cells)
      expect(firstGene(data, 7)).toBeCloseTo(Math.log1p((7 * 1e4) / 38), 4)
    }
    expect(await codeOf(read(bare(), { ids: list(cells.slice(2)) }))).toBe('JOIN_ROWS')
  })
})

describe.skipIf(!shared)('real files that lie beside each other (needs ../shared)', () => {
  const file = (name: string): string => join(shared ?? '', 'data', name)
  const { genes } = loadOntology(resolve(import.meta.dirname, '../../resources/ontology'), new Date('2023-01-01'))
  const besideEachOther = (
    name: string,
    beside: Partial<FilesBeside>,
    choice: Partial<ImportChoice> = {},
  ): Promise<WholeImport> => readWith(file(name), choice, { beside, genes })

  it('2,370 cells of two lines: array and metadata by confirmed position', async () => {
    const beside = { metadata: file('embeddings/cell-lines-2370-meta.csv') }
    expect(await codeOf(besideEachOther('embeddings/cell-lines-2370x20.npy', beside))).toBe('JOIN_NEEDS_NAMES')
    const data = await besideEachOther('embeddings/cell-lines-2370x20.npy', { ...beside, byPosition: true })
    expect(data.cellIds[0]).toBe('half_GTACGAACCACCAA')
    expect(data.columns.map((column) => [column.name, column.role])).toContainEqual(['cell_type', 'cell-type'])
    expect(data.report).toMatchObject({ rows: 2370, dims: 20 })
  })

  it('3,500 cells: repeated barcodes are stopped until they are numbered', async () => {
    const beside = { metadata: file('embeddings/pbmc-3500-meta.tsv.gz'), byPosition: true }
    expect(await codeOf(besideEachOther('embeddings/pbmc-3500-pcs.tsv.gz', beside))).toBe('DUPLICATE_IDS')
    const data = await besideEachOther('embeddings/pbmc-3500-pcs.tsv.gz', beside, { renameDuplicates: true })
    expect(new Set(data.cellIds).size).toBe(3500)
  })

  it('the expression of a data set serves the representation of another file', async () => {
    const data = await besideEachOther('h5ad/kang-pbmc-ifnb-2000.h5ad', { expression: file('h5ad/kang-pbmc-4samples-1556.h5ad') })
    expect(data.report.matched.both).toBeGreaterThan(100)
    expect(data.cellIds).toHaveLength(data.report.matched.both)
    expect(data.expression?.matrix.rows).toBe(data.cellIds.length)
  })
})
