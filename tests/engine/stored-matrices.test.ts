// Expression in a project: what was stored comes back, by cell, by gene and in blocks; a stop or damage never leaves half of it; data of
// the layouts before pages are read as they are.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/main/base/refusal'
import { transpose, type Csr, type RowSource } from '../../src/main/base/sparse'
import { readForImport } from '../../src/main/engine/import'
import { applicationId, openDatabase } from '../../src/main/engine/project/database'
import { migrate } from '../../src/main/engine/project/migration'
import { firstTables } from '../../src/main/engine/project/migrations/0001-first-tables'
import { latentFlags } from '../../src/main/engine/project/migrations/0002-latent-flags'
import { createProject, openProject, type Project } from '../../src/main/engine/project/project'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { openMatrices } from '../../src/main/engine/store/matrices'
import { normaliseLog1p } from '../../src/main/science/normalise'
import { sourceOf, wholeMatrix } from '../row-source'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { nothing } from './fixtures/reading'
import { smallImport, store } from './imported-data'

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (thrown) {
    return thrown instanceof Refusal ? thrown.error.code : String(thrown)
  }
  return 'no error'
}

/** The counts of the fixture, without zeros. */
const counts: Csr = (() => {
  const stored = h5ad.counts.flatMap((value, at) => (value === 0 ? [] : [{ at, value }]))
  const indptr = new Float64Array(h5ad.cellCount + 1)
  for (const { at } of stored) indptr.fill((indptr[Math.floor(at / 4) + 1] ?? 0) + 1, Math.floor(at / 4) + 1)
  const indices = Uint32Array.from(stored, ({ at }) => at % 4)
  return { rows: h5ad.cellCount, columns: 4, indptr, indices, values: Float32Array.from(stored, ({ value }) => value) }
})()

async function importedProject(): Promise<{ file: string; project: Project }> {
  const file = join(temporaryFolder(), 'p.latiscope')
  const project = createProject(file, 'P', '0')
  const path = await h5ad.currentFile(temporaryFolder())
  const silent = { progress: () => undefined, cancelled: () => false }
  const imported = await readForImport({ path, choice: nothing }, fewGenes, silent, new Scratch(temporaryFolder()))
  await project.dataset.write(imported, new Date(), () => Promise.resolve())
  return { file, project }
}

/** First, last and one between, without the rest. */
function expectSomeRows(source: RowSource, matrix: Csr): void {
  const rows = Uint32Array.of(0, Math.floor(matrix.rows / 2), matrix.rows - 1)
  expect([...source.rowsAt(rows)]).toEqual([...sourceOf(matrix).rowsAt(rows)])
  expect([...source.rowsAt(Uint32Array.of(1))]).toEqual([...sourceOf(matrix).rowsAt(Uint32Array.of(1))])
}

describe('stored counts', () => {
  it('are read on the scale of the statistics, whichever way they are asked for', async () => {
    const { project } = await importedProject()
    const { dataset } = project
    const wanted = normaliseLog1p(counts)
    expect(wholeMatrix(dataset.expressionByCell())).toEqual(wanted)
    expect(wholeMatrix(dataset.expressionByGene())).toEqual(transpose(wanted))
    expectSomeRows(dataset.expressionByCell(), wanted)
    expectSomeRows(dataset.expressionByGene(), transpose(wanted))
    const [block] = [...dataset.geneBlocks()]
    expect(block).toMatchObject({ from: 0, to: 4, genes: 4, values: transpose(wanted).values })
    const gene = transpose(wanted)
    expect(dataset.geneValues(2).values).toEqual(gene.values.slice(gene.indptr[2], gene.indptr[3]))
    expect([...(dataset.detectedGenes() ?? [])]).toEqual(
      [...wanted.indptr].slice(1).map((end, cell) => end - (wanted.indptr[cell] ?? 0)),
    )
    expect(dataset.namesOfCells([9, 0, 70])).toEqual(['cell-9', 'cell-0', ''])
    expect(dataset.parts.sources()).toMatchObject([{ name: 'current.h5ad' }])
    project.close()
  })

  it('with a page that was changed are refused as damaged', async () => {
    const { file, project } = await importedProject()
    project.close()
    const { db, close } = openDatabase(file)
    db.prepare('UPDATE sparse_page SET bytes = zeroblob(length(bytes))').run()
    close()
    const { dataset, close: closeAgain } = openProject(file)
    for (const read of [
      () => wholeMatrix(dataset.expressionByCell()),
      () => [...dataset.expressionByCell().rowsAt(Uint32Array.of(0))],
      () => dataset.geneValues(0),
      () => [...dataset.geneBlocks()],
    ])
      expect(codeOf(read)).toBe('FILE_DAMAGED')
    closeAgain()
  })
})

describe('storing that is stopped', () => {
  it('leaves nothing, not even a longer file', async () => {
    const file = join(temporaryFolder(), 'p.latiscope')
    const project = createProject(file, 'P', '0')
    const before = statSync(file).size
    const path = await h5ad.currentFile(temporaryFolder())
    const silent = { progress: () => undefined, cancelled: () => false }
    const imported = await readForImport({ path, choice: nothing }, fewGenes, silent, new Scratch(temporaryFolder()))
    let steps = 0
    const stop = project.dataset.write(imported, new Date(), () =>
      ++steps > 5 ? Promise.reject(new Error('stopped')) : Promise.resolve(),
    )
    await expect(stop).rejects.toThrow('stopped')
    expect([project.dataset.get(), project.dataset.columns(), project.dataset.genes()]).toEqual([null, [], []])
    expect(statSync(file).size).toBe(before)
    await store(project, smallImport())
    expect(project.dataset.get()?.rows).toBe(6)
    project.close()
  })
})

describe('data imported before pages existed', () => {
  /** As version 2 stored it. */
  function secondLayout(): string {
    const file = join(temporaryFolder(), 'old.latiscope')
    const db = new Database(file)
    db.pragma(`application_id = ${applicationId}`)
    migrate(db, file, [firstTables, latentFlags])
    const matrices = openMatrices(db, 'old')
    const small = smallImport()
    const matrix = small.expression?.matrix as Csr
    matrices.writeCsr('data/expression', matrix)
    matrices.writeCsr('data/expression-by-gene', transpose(matrix))
    const names = Buffer.from(JSON.stringify(small.cellIds))
    db.prepare("INSERT INTO matrix (id, name, dtype, length) VALUES (99, 'data/cells', 'utf8', 6)").run()
    db.prepare('INSERT INTO chunk VALUES (99, 0, ?, ?)').run(crc32(names), names)
    db.prepare(
      `INSERT INTO dataset VALUES (1, 'old.h5ad', 10, 'ab', '2026-01-01', 6, 2, 'X_pca', 'f', 'X', 'log1p', 'as stored', 1, NULL, ?)`,
    ).run(JSON.stringify(small.report))
    db.close()
    return file
  }

  it('are read with the same questions, and know their source', () => {
    const { dataset, close } = openProject(secondLayout())
    const matrix = smallImport().expression?.matrix as Csr
    expect(wholeMatrix(dataset.expressionByCell())).toEqual(matrix)
    expect(wholeMatrix(dataset.expressionByGene())).toEqual(transpose(matrix))
    expectSomeRows(dataset.expressionByCell(), matrix)
    expectSomeRows(dataset.expressionByGene(), transpose(matrix))
    expect(dataset.geneValues(1)).toEqual({ indices: Uint32Array.of(0, 3), values: Float32Array.of(2, 5) })
    expect([...dataset.geneBlocks()].map(({ from, to }) => [from, to])).toEqual([[0, 3]])
    expect(dataset.namesOfCells([1, 5])).toEqual(['c2', 'c6'])
    expect([...(dataset.detectedGenes() ?? [])]).toEqual([2, 1, 1, 1, 1, 0])
    expect(dataset.parts.sources()).toMatchObject([{ name: 'old.h5ad', bytes: 10, sha256: 'ab' }])
    close()
  })
})
