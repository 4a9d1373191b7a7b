// Matrices larger than a block come out of every layout with the numbers they went in with, by cell and by gene.
import { join } from 'node:path'
import type { File } from 'h5wasm/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { readForImport } from '../../src/main/engine/import'
import { stackRows } from '../../src/main/engine/import/rows'
import { blockValues } from '../../src/main/engine/import/source-reader'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { rowsOf, type PagedFile } from '../../src/main/engine/scratch/paged'
import { normaliseLog1p } from '../../src/main/science/normalise'
import { temporaryFolder } from '../temporary-folder'
import * as h5ad from './fixtures/h5ad'
import { fewGenes } from './fixtures/genes'
import { nothing } from './fixtures/reading'
import { wholeOf } from './imported-data'

const cells = 900
const genes = 3_000
const cellNames = Array.from({ length: cells }, (_, cell) => `c${cell}`)
const geneNames = Array.from({ length: genes }, (_, gene) => `g${gene}`)
let matrix: Csr

beforeAll(() => {
  const random = seededRandom(5)
  const indptr = new Float64Array(cells + 1)
  const indices: number[] = []
  const values: number[] = []
  for (let cell = 0; cell < cells; cell++) {
    for (let gene = 0; gene < genes; gene++) {
      if (random.uniform() > (cell % 50 === 7 ? 0 : 0.42)) continue
      indices.push(gene)
      values.push(random.uniform() > 0.999 ? 1000 + gene : 1 + Math.floor(random.uniform() * 9))
    }
    indptr[cell + 1] = indices.length
  }
  matrix = { rows: cells, columns: genes, indptr, indices: Uint32Array.from(indices), values: Float32Array.from(values) }
  expect(matrix.indices.length).toBeGreaterThan(blockValues)
})

const dense = ({ rows, columns, indptr, indices, values }: Csr): Float32Array => {
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let at = indptr[row] ?? 0; at < (indptr[row + 1] ?? 0); at++) out[row * columns + (indices[at] ?? 0)] = values[at] ?? 0
  return out
}

/** A group with data, indices and indptr; `chunks` as some writers make them, null for none. */
function compressed(file: File, path: string, format: string, stored: Csr, chunks: number[] | null): void {
  const group = file.create_group(path)
  group.create_attribute('encoding-type', format)
  group.create_attribute('shape', new BigInt64Array([BigInt(cells), BigInt(genes)]))
  group.create_dataset({ name: 'data', data: stored.values, chunks })
  group.create_dataset({ name: 'indices', data: Int32Array.from(stored.indices), chunks })
  group.create_dataset({ name: 'indptr', data: Int32Array.from(stored.indptr) })
}

const anndata = (file: File): void => {
  h5ad.frame(file, 'obs', cellNames, [])
  h5ad.frame(file, 'var', geneNames, [])
  const places = Float32Array.from({ length: cells * 16 }, (_, at) => Math.cos(at))
  file.create_group('obsm').create_dataset({ name: 'X_pca', data: places, shape: [cells, 16] })
}

/** Loom and 10x hold no representation: it lies beside them. */
const beside = (): Promise<string> => h5ad.written(temporaryFolder(), 'beside.h5ad', anndata)

const loom = (chunks: number[] | null) => (file: File) => {
  file.create_dataset({ name: 'matrix', data: dense(transpose(matrix)), shape: [genes, cells], chunks })
  file.create_group('row_attrs').create_dataset({ name: 'Gene', data: geneNames })
  file.create_group('col_attrs').create_dataset({ name: 'CellID', data: cellNames })
}

const tenx = (file: File): void => {
  compressed(file, 'matrix', 'csr_matrix', matrix, [100_000])
  const group = file.get('matrix') as ReturnType<File['create_group']>
  group.create_dataset({ name: 'barcodes', data: cellNames })
  group.create_dataset({ name: 'shape', data: new Int32Array([genes, cells]) })
  const features = group.create_group('features')
  features.create_dataset({ name: 'id', data: geneNames })
  features.create_dataset({ name: 'name', data: geneNames })
}

describe.each<[string, (file: File) => void, boolean]>([
  ['csr without chunks', (file) => compressed(file, 'X', 'csr_matrix', matrix, null), false],
  ['csr in small chunks', (file) => compressed(file, 'X', 'csr_matrix', matrix, [1_000]), false],
  ['csr in one chunk', (file) => compressed(file, 'X', 'csr_matrix', matrix, [matrix.indices.length]), false],
  ['csc', (file) => compressed(file, 'X', 'csc_matrix', transpose(matrix), [100_000]), false],
  ['dense', (file) => file.create_dataset({ name: 'X', data: dense(matrix), shape: [cells, genes], chunks: [64, 512] }), false],
  ['loom in square chunks', loom([64, 64]), true],
  ['loom without chunks', loom(null), true],
  ['10x', tenx, true],
])('a matrix larger than a block: %s', (_, fill, alone) => {
  it('is imported with exactly its numbers', async () => {
    const file = await h5ad.written(temporaryFolder(), 'matrix.h5ad', (written) => {
      if (!alone) anndata(written)
      fill(written)
    })
    const scratch = new Scratch(temporaryFolder())
    const request = alone
      ? { path: await beside(), beside: { metadata: null, ids: null, expression: file, byPosition: false } }
      : { path: file }
    const silent = { progress: () => undefined, cancelled: () => false }
    const data = await readForImport({ ...request, choice: nothing }, fewGenes, silent, scratch)
    const { expression } = wholeOf(data)
    expect(expression?.verdict).toBe('counts')
    expect(expression?.matrix).toEqual(normaliseLog1p(matrix))
    expect(stored(scratch, data.expression?.byGene as PagedFile)).toEqual(transpose(matrix))
    const seen = new Uint32Array(genes)
    for (const gene of matrix.indices) seen[gene] = (seen[gene] ?? 0) + 1
    expect(expression?.genes.map((gene) => gene.detectedCells)).toEqual([...seen])
    expect(data.sources.map((source) => source.name)).toEqual(alone ? ['beside.h5ad', 'matrix.h5ad'] : ['matrix.h5ad'])
  })
})

const stored = (scratch: Scratch, file: PagedFile): Csr =>
  stackRows(
    [...rowsOf(scratch, file)].map((block) => block.matrix),
    file.columns,
  )

describe('joined with its rows in another order', () => {
  it('every cell keeps its own values', async () => {
    const mixed = Array.from({ length: cells }, (_, cell) => cellNames[(cell * 7) % cells] ?? '')
    const main = await h5ad.written(temporaryFolder(), 'main.h5ad', (file) => {
      h5ad.frame(file, 'obs', mixed, [])
      h5ad.frame(file, 'var', ['a'], [])
      file.create_group('obsm').create_dataset({ name: 'X_pca', data: new Float32Array(cells * 16).fill(1), shape: [cells, 16] })
    })
    const expression = await h5ad.written(temporaryFolder(), 'tenx.h5', tenx)
    const scratch = new Scratch(join(temporaryFolder(), 'scratch'))
    const data = await readForImport(
      { path: main, choice: nothing, beside: { metadata: null, ids: null, expression, byPosition: false } },
      fewGenes,
      { progress: () => undefined, cancelled: () => false },
      scratch,
    )
    const found = stored(scratch, data.expression?.byCell as PagedFile)
    for (const cell of [0, 1, 450, 899]) {
      const from = (cell * 7) % cells
      expect(found.values.slice(found.indptr[cell], found.indptr[cell + 1])).toEqual(
        matrix.values.slice(matrix.indptr[from], matrix.indptr[from + 1]),
      )
    }
  })
})
