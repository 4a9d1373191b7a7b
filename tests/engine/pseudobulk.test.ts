// Sums for tests with donors as replicates: whole counts where the project can give them back, and a plain word where it cannot.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Csr } from '../../src/main/base/sparse'
import { Engine } from '../../src/main/engine/engine'
import { writePseudobulk } from '../../src/main/engine/export/pseudobulk'
import { createProject, type Project } from '../../src/main/engine/project/project'
import { temporaryFolder } from '../temporary-folder'
import { finishedRun } from './finished-run'
import { smallImport, store, type WholeImport } from './imported-data'
import { resources } from './planted-project'

/** Cells × genes. Cells 1–3 are of type B, 4 and 5 of type T, the last of none. */
const counts = [
  [3, 41, 0],
  [0, 7, 1],
  [12_345, 1, 2],
  [5, 0, 0],
  [1, 1, 90_001],
  [4, 4, 4],
]
const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0))

/** The project an import of these counts leaves, with totals that are so many times too large. */
function counted(wrong = 1): WholeImport {
  const small = smallImport()
  const stored = counts.map((row) => row.flatMap((count, gene) => (count > 0 ? [{ gene, count }] : [])))
  const indptr = new Float64Array(counts.length + 1)
  stored.forEach((row, cell) => (indptr[cell + 1] = (indptr[cell] as number) + row.length))
  const matrix: Csr = {
    rows: counts.length,
    columns: 3,
    indptr,
    indices: Uint32Array.from(stored.flat(), ({ gene }) => gene),
    values: Float32Array.from(
      stored.flatMap((row, cell) => row.map(({ count }) => Math.log1p((count * 10_000) / (totals[cell] as number)))),
    ),
  }
  const expression = small.expression && { ...small.expression, matrix, scale: 'log1p of counts per 10,000' }
  const total = Float32Array.from(totals, (sum) => sum * wrong)
  return { ...small, expression, depth: { from: 'X', total, detected: Uint32Array.from(stored, (row) => row.length) } }
}

const opened: Project[] = []
afterEach(() => opened.splice(0).forEach((project) => project.close()))

async function pseudobulkOf(data: WholeImport): Promise<string[][][]> {
  const folder = temporaryFolder()
  const project = createProject(join(folder, 'p.latiscope'), 'P', '0')
  opened.push(project)
  await store(project, data)
  const engine = new Engine({ resources, cache: folder }, '0', () => undefined)
  engine.useProject(project)
  const written = await writePseudobulk(engine, finishedRun(project), null, join(folder, 'sums.csv'))
  return written.map(({ path }) =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(',')),
  )
}

describe('pseudobulk', () => {
  it('of data imported as counts is the counts, whole and exact', async () => {
    const [table, samples] = await pseudobulkOf(counted())
    const sum = (gene: number, cells: number[]): string =>
      String(cells.reduce((all, cell) => all + (counts[cell]?.[gene] ?? 0), 0))
    expect(table).toEqual([
      ['gene', 'S1', 'S2'],
      ...['CD79A', 'MS4A1', 'LOC1'].map((name, gene) => [name, sum(gene, [0, 1, 2]), sum(gene, [3, 4])]),
    ])
    expect(samples?.slice(1).map((row) => row.at(-1))).toEqual(['sum over cells of counts', 'sum over cells of counts'])
  })

  it.each([
    ['came without counts', { ...counted(), depth: null }],
    ['has totals of other genes than its log values', counted(1.37)],
  ])('of data that %s is counts per 10,000, and says that edgeR and DESeq2 want others', async (_, data) => {
    const [table, samples] = await pseudobulkOf(data)
    const expected = [3, 4].reduce((all, cell) => all + ((counts[cell]?.[0] ?? 0) * 10_000) / (totals[cell] as number), 0)
    expect(Number(table?.[1]?.[2]) / expected).toBeCloseTo(1, 6)
    expect(samples?.[1]?.join(',')).toContain('not for edgeR or DESeq2')
  })
})
