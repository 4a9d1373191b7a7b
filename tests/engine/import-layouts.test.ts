// Each layout of an AnnData file, written by the test itself, gives the same cells, genes and numbers.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Csr } from '../../src/main/base/sparse'
import { inspectFile } from '../../src/main/engine/import'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, read, sentenceOf } from './fixtures/reading'
import type { WholeImport } from './imported-data'

const dense = (matrix: Csr): number[] => {
  const out = new Array<number>(matrix.rows * matrix.columns).fill(0)
  for (let row = 0; row < matrix.rows; row++) {
    for (let at = matrix.indptr[row] ?? 0; at < (matrix.indptr[row + 1] ?? 0); at++) {
      out[row * matrix.columns + (matrix.indices[at] ?? 0)] = matrix.values[at] ?? 0
    }
  }
  return out
}
const normalised = h5ad.counts.map((count, at) => {
  const cell = Math.floor(at / 4)
  const total = h5ad.counts.slice(cell * 4, cell * 4 + 4).reduce((sum, value) => sum + value, 0)
  return Math.log1p((1e4 * count) / total)
})
const expectCounts = (data: WholeImport): void => {
  expect(data.expression?.verdict).toBe('counts')
  expect(data.expression?.scale).toBe('log1p of counts per 10,000')
  const values = dense(
    data.expression?.matrix ?? {
      rows: 0,
      columns: 0,
      indptr: new Float64Array(1),
      indices: new Uint32Array(),
      values: new Float32Array(),
    },
  )
  values.forEach((value, at) => expect(value).toBeCloseTo(normalised[at] ?? NaN, 5))
}

describe('a file of the current layout', () => {
  it('gives cells, representation, expression on the scale of the statistics, map and source', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    const data = await read(path)
    expect(data.cellIds).toEqual(h5ad.cellNames)
    expect(data.representation.key).toBe('obsm/X_pca')
    expect([...data.representation.values]).toEqual([...h5ad.embedding])
    expectCounts(data)
    expect(data.expression?.genes.map((gene) => gene.name)).toEqual([...h5ad.geneNames])
    expect(data.expression?.genes.map((gene) => gene.detectedCells)).toEqual(
      h5ad.geneNames.map((_, gene) => h5ad.counts.filter((count, at) => at % 4 === gene && count > 0).length),
    )
    expect(data.map?.name).toBe('X_umap')
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    expect(data.sources).toEqual([{ name: 'current.h5ad', bytes: statSync(path).size, sha256, part: 'rows' }])
    expect(data.report).toMatchObject({ rows: 10, dims: 16, genes: 4, verdict: 'counts', mapped: { genes: 4, of: 4 } })
  })

  it('keeps categories with missing values, numbers with a mask, text with gaps and colours of the right number', async () => {
    const { columns } = await read(await h5ad.currentFile(temporaryFolder()))
    const column = (name: string) => columns.find((each) => each.name === name)
    expect(column('cell_type')).toMatchObject({
      kind: 'category',
      role: 'cell-type',
      levels: ['T', 'B'],
      colours: ['#ff0000', '#00ff00'],
    })
    expect([...(column('cell_type')?.codes ?? [])]).toEqual([...h5ad.labelCodes])
    expect(column('donor')).toMatchObject({ role: 'donor', colours: null })
    expect(column('age')?.numbers?.[0]).toBe(30)
    expect(column('age')?.numbers?.[1]).toBeNaN()
    expect(column('note')).toMatchObject({ kind: 'category', levels: ['word 0', 'word 1', 'word 2'] })
    expect(column('note')?.codes?.[0]).toBe(-1)
  })

  it('takes csc and dense matrices for the same numbers', async () => {
    const byColumn = await h5ad.currentFile(temporaryFolder(), (file) => void h5ad.sparse(file, 'X', h5ad.counts, true), false)
    expectCounts(await read(byColumn))
    const whole = await h5ad.currentFile(
      temporaryFolder(),
      (file) =>
        void file.create_dataset({
          name: 'X',
          data: Float64Array.from(h5ad.counts),
          shape: [10, 4],
          chunks: [3, 2],
          compression: 'gzip',
        }),
      false,
    )
    expectCounts(await read(whole))
  })

  it('reads a sparse and a table-shaped representation, leaving out columns that are no numbers', async () => {
    const path = await h5ad.currentFile(temporaryFolder(), (file) => {
      const obsm = file.get('obsm') as import('h5wasm/node').Group
      h5ad.sparse(obsm, 'X_sparse', [...h5ad.embedding], false, h5ad.dims)
      const table = h5ad.frame(obsm, 'X_table', h5ad.cellNames, ['a', 'b', 'c', 'word'])
      for (const name of ['a', 'b', 'c']) table.create_dataset({ name, data: h5ad.embedding.slice(0, 10) })
      h5ad.texts(table, 'word', h5ad.cellNames)
    })
    expect([...(await read(path, { representation: 'X_sparse' })).representation.values]).toEqual([...h5ad.embedding])
    const found = (await inspectFile(path, fewGenes)).representations.find((each) => each.key === 'obsm/X_table')
    expect(found).toMatchObject({ dims: 3, usable: true })
    expect(found?.reason).toContain('word')
  })

  it('sorts columns within a row and adds up repeated ones', async () => {
    const path = await h5ad.currentFile(
      temporaryFolder(),
      (file) => {
        const matrix = file.create_group('X')
        matrix.create_attribute('encoding-type', 'csr_matrix')
        matrix.create_attribute('shape', new BigInt64Array([10n, 4n]))
        matrix.create_dataset({ name: 'data', data: new Float32Array([25, 3, 4]) })
        matrix.create_dataset({ name: 'indices', data: new BigInt64Array([2n, 0n, 2n]) })
        matrix.create_dataset({ name: 'indptr', data: new BigInt64Array([0n, 3n, ...new Array<bigint>(9).fill(3n)]) })
      },
      false,
    )
    const matrix = (await read(path)).expression?.matrix
    expect([...(matrix?.indices ?? [])]).toEqual([0, 2])
    expect(Math.expm1(matrix?.values[1] ?? 0)).toBeCloseTo((1e4 * 29) / 32, 0)
  })
})

describe('older layouts', () => {
  it('anndata 0.7: categories by object reference', async () => {
    const data = await read(await h5ad.referenceFile(temporaryFolder()))
    expectCounts(data)
    expect(data.columns[0]).toMatchObject({ name: 'cell_type', levels: h5ad.labels, kind: 'category' })
    expect([...(data.columns[0]?.codes ?? [])]).toEqual([...h5ad.labelCodes])
  })

  it('before 0.7: compound tables, labels in uns, scaled X replaced by the raw values', async () => {
    const data = await read(await h5ad.compoundFile(temporaryFolder()))
    expect(data.cellIds).toEqual(h5ad.cellNames)
    expect(data.columns.find((column) => column.name === 'cell_type')).toMatchObject({ levels: h5ad.labels, role: 'cell-type' })
    expect(data.columns.find((column) => column.name === 'depth')?.numbers?.[2]).toBe(2.5)
    expect(data.expression).toMatchObject({ key: 'raw/X', verdict: 'log1p', logScale: true })
  })
})

describe('choices', () => {
  it('a role given by the user replaces the suggestion, and unknown parts are refused with what there is', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    const { columns } = await read(path, { roles: { counted: 'donor' } })
    expect(columns.find((column) => column.role === 'donor')).toMatchObject({ name: 'counted', kind: 'category', levels: ['5'] })
    expect(await sentenceOf(read(path, { roles: { nobody: 'donor' } }))).toContain('nobody')
    expect(await codeOf(read(path, { representation: 'X_scVI' }))).toBe('CHOICE_UNKNOWN')
    expect(await codeOf(read(path, { expression: 'layers/none' }))).toBe('CHOICE_UNKNOWN')
    expect(await codeOf(read(path, { representation: 'obsm/X_umap' }))).toBe('SETTING_OUT_OF_RANGE')
  })

  it('expression "none" imports the cells alone', async () => {
    expect((await read(await h5ad.currentFile(temporaryFolder()), { expression: 'none' })).expression).toBeNull()
  })

  it('a learned representation is preferred to principal components', async () => {
    const path = await h5ad.currentFile(temporaryFolder(), (file) => {
      const obsm = file.get('obsm') as import('h5wasm/node').Group
      obsm.create_dataset({ name: 'X_scVI', data: h5ad.embedding, shape: [10, 16] })
    })
    expect((await read(path)).representation.key).toBe('obsm/X_scVI')
    expect((await read(path, { representation: 'X_pca' })).representation.key).toBe('obsm/X_pca')
  })

  it('cells with missing numbers stop the import until they may be left out', async () => {
    const path = await h5ad.currentFile(temporaryFolder(), (file) => {
      const obsm = file.get('obsm') as import('h5wasm/node').Group
      const holed = h5ad.embedding.slice()
      holed[3 * h5ad.dims] = NaN
      obsm.create_dataset({ name: 'X_scVI', data: holed, shape: [10, 16] })
    })
    expect(await codeOf(read(path, { representation: 'X_scVI' }))).toBe('MISSING_NUMBERS')
    const data = await read(path, { representation: 'X_scVI', dropMissing: true })
    expect(data.cellIds).toEqual(h5ad.cellNames.filter((name) => name !== 'cell-3'))
    expect(data.representation.values.length).toBe(9 * 16)
    expect(data.expression?.matrix.rows).toBe(9)
    expect(data.map?.xy.length).toBe(18)
    expect(data.columns.every((column) => (column.codes ?? column.numbers ?? column.texts)?.length === 9)).toBe(true)
    expect(data.report.problems.map((problem) => problem.code)).toContain('CELLS_LEFT_OUT')
  })

  it('repeated cell names stop the import until they may be numbered', async () => {
    const path = await h5ad.written(temporaryFolder(), 'repeated.h5ad', (file) => {
      h5ad.frame(file, 'obs', ['a', 'b', 'a', 'a-1', 'a'], [])
      h5ad.frame(file, 'var', [...h5ad.geneNames], [])
      file.create_group('obsm').create_dataset({ name: 'X_pca', data: h5ad.embedding.slice(0, 80), shape: [5, 16] })
    })
    expect(await sentenceOf(read(path))).toMatch(/1 cell names occur more than once \(a\)/)
    expect((await read(path, { renameDuplicates: true })).cellIds).toEqual(['a', 'b', 'a-2', 'a-1', 'a-3'])
  })

  it('cancelling stops with CANCELLED', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    expect(await codeOf(read(path, {}, { hooks: { progress: () => undefined, cancelled: () => true } }))).toBe('CANCELLED')
  })

  it('progress rises to the end', async () => {
    const seen: number[] = []
    const path = await h5ad.currentFile(temporaryFolder())
    await read(path, {}, { hooks: { progress: (_phase, step, of) => seen.push(step / of), cancelled: () => false } })
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBeGreaterThan(0.9)
  })
})

describe('what cannot be read', () => {
  it('names the kind of file by its content, whatever its name', async () => {
    const folder = temporaryFolder()
    const file = (name: string, content: Buffer | string): string => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const picture = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), Buffer.alloc(40)])
    expect(await sentenceOf(read(file('picture.h5ad', picture)))).toContain('it starts like a PNG picture')
    const misnamed = await inspectFile(file('table.h5ad', 'cell,CD3D,LYZ\na,1,2\nb,3,4\n'), fewGenes)
    expect(misnamed.problems.find((problem) => problem.code === 'NAME_MISLEADS')?.message).toContain('text table')
    expect(await sentenceOf(read(file('packed.h5ad', gzipSync(Buffer.from([1, 2, 3])))))).toContain('unpack it first')
    expect(await sentenceOf(read(file('page.h5ad', '<!DOCTYPE html><html>')))).toContain('web page')
    expect(await codeOf(read(file('empty.h5ad', '')))).toBe('FILE_EMPTY')
    expect(await codeOf(read(join(folder, 'missing.h5ad')))).toBe('FILE_NOT_FOUND')
    mkdirSync(join(folder, 'folder.h5ad'))
    expect(await sentenceOf(read(join(folder, 'folder.h5ad')))).toContain('it is a folder')
  })

  it('a file that ends early says how long it should be', async () => {
    const path = await h5ad.currentFile(temporaryFolder())
    const size = readFileSync(path).length
    truncateSync(path, 2000)
    expect(await sentenceOf(read(path))).toBe(
      `The file current.h5ad ends early (expected ${size.toLocaleString('en-GB')} bytes, found 2,000).`,
    )
  })

  it('an HDF5 file of another kind lists what is inside', async () => {
    const path = await h5ad.written(temporaryFolder(), 'other.h5ad', (file) => void file.create_group('images'))
    expect(await sentenceOf(read(path))).toContain('inside: images')
  })

  it.each([
    ['pointers that decrease', [0, 4, 2, 4, 4, 4, 4, 4, 4, 4, 4], [0, 1, 2, 3]],
    ['pointers beyond the data', [0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], [0, 1, 2, 3]],
    ['a column that does not exist', [0, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4], [0, 1, 2, 9]],
    ['a pointer too few', [0, 4, 4, 4, 4, 4, 4, 4, 4, 4], [0, 1, 2, 3]],
  ])('a sparse matrix with %s is refused as damaged', async (_what, indptr, indices) => {
    const path = await h5ad.currentFile(
      temporaryFolder(),
      (file) => {
        const matrix = file.create_group('X')
        matrix.create_attribute('encoding-type', 'csr_matrix')
        matrix.create_attribute('shape', new BigInt64Array([10n, 4n]))
        matrix.create_dataset({ name: 'data', data: new Float32Array(4).fill(1) })
        matrix.create_dataset({ name: 'indices', data: Int32Array.from(indices) })
        matrix.create_dataset({ name: 'indptr', data: Int32Array.from(indptr) })
      },
      false,
    )
    expect(await codeOf(read(path))).toBe('FILE_DAMAGED')
    expect((await inspectFile(path, fewGenes)).problems[0]).toMatchObject({ level: 'stop', code: 'FILE_DAMAGED' })
    expect((await read(path, { expression: 'none' })).cellIds.length).toBe(10)
  })

  it('links out of the file are never followed, also through a link inside it', async () => {
    const folder = temporaryFolder()
    const outside = await h5ad.currentFile(folder)
    copyFileSync(outside, join(folder, 'outside.h5ad'))
    const path = await h5ad.written(folder, 'linked.h5ad', (file) => {
      h5ad.frame(file, 'obs', h5ad.cellNames, [])
      h5ad.frame(file, 'var', [...h5ad.geneNames], [])
      file.create_group('obsm').create_dataset({ name: 'X_pca', data: h5ad.embedding, shape: [10, 16] })
      file.create_external_link('outside.h5ad', '/', 'away')
      file.create_soft_link('/away/X', 'X')
    })
    expect((await read(path)).expression).toBeNull()
    expect((await inspectFile(path, fewGenes)).problems.find((problem) => problem.code === 'PART_UNREADABLE')?.message).toContain(
      'link to another file',
    )
  })

  it('a column in an unknown encoding is skipped, the rest is read', async () => {
    const path = await h5ad.currentFile(temporaryFolder(), (file) => {
      const note = file.get('obs/note') as import('h5wasm/node').Group
      note.delete_attribute('encoding-type')
      note.create_attribute('encoding-type', 'quantum-array')
    })
    const data = await read(path)
    expect(data.columns.map((column) => column.name)).not.toContain('note')
    expect(data.report.problems).toContainEqual(expect.objectContaining({ level: 'warning', code: 'COLUMN_SKIPPED' }))
  })

  it('a part with another number of rows is not joined by position', async () => {
    const path = await h5ad.written(temporaryFolder(), 'rows.h5ad', (file) => {
      h5ad.frame(file, 'obs', h5ad.cellNames, [])
      h5ad.frame(file, 'var', [...h5ad.geneNames], [])
      file.create_group('obsm').create_dataset({ name: 'X_pca', data: h5ad.embedding.slice(0, 128), shape: [8, 16] })
    })
    expect(await codeOf(read(path))).toBe('NO_REPRESENTATION')
    expect(await codeOf(read(path, { representation: 'X_pca' }))).toBe('ROW_MISMATCH')
    expect((await inspectFile(path, fewGenes)).representations[0]?.reason).toContain('2 cells missing')
  })

  it('a dataset that claims more than the file can hold is refused before memory is reserved', async () => {
    const path = await h5ad.currentFile(temporaryFolder(), (file) => {
      const obsm = file.get('obsm') as import('h5wasm/node').Group
      const huge = obsm.create_dataset({
        name: 'X_huge',
        data: new Float32Array(16),
        shape: [1, 16],
        maxshape: [null, 16],
        chunks: [1, 16],
      })
      huge.resize([10_000_000_000, 16])
    })
    const found = (await inspectFile(path, fewGenes)).representations.find((each) => each.key === 'obsm/X_huge')
    expect(found).toMatchObject({ usable: false })
    expect(found?.reason).toContain('claims more values')
  })
})
