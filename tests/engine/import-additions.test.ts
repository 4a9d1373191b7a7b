// Adding to a project that has data: columns, representations, expression and cells, joined by name; runs stay true to their data.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AddReport } from '@contract'
import { addToProject, type Asked, type ReadsAdditions } from '../../src/main/engine/analysis/additions'
import { readAddition, readForImport } from '../../src/main/engine/import'
import type { JobContext } from '../../src/main/engine/jobs/jobs'
import { createProject, openProject, type Project } from '../../src/main/engine/project/project'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { temporaryFolder } from '../temporary-folder'
import { fewGenes } from './fixtures/genes'
import * as h5ad from './fixtures/h5ad'
import { codeOf, nothing, sentenceOf } from './fixtures/reading'
import { finishedRun } from './finished-run'

const hooks = { progress: () => undefined, cancelled: () => false }
const context: JobContext = {
  id: 'import-1',
  progress: () => undefined,
  cancelled: () => false,
  breathe: () => Promise.resolve(),
  stopped: () => null,
  onStop: () => undefined,
}
const written = (name: string, lines: readonly (readonly (string | number)[])[]): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, lines.map((fields) => fields.join(',')).join('\n'))
  return path
}

async function project(choice: Partial<typeof nothing> = {}): Promise<Project> {
  const made = createProject(join(temporaryFolder(), 'p.latiscope'), 'P', '0')
  const request = { path: await h5ad.currentFile(temporaryFolder()), choice: { ...nothing, ...choice } }
  const data = await readForImport(request, fewGenes, hooks, new Scratch(temporaryFolder()))
  await made.dataset.write(data, new Date(), () => Promise.resolve())
  return made
}
const here: ReadsAdditions = (request, stored, into) => readAddition(request, stored, fewGenes, hooks, new Scratch(into))
const add = (to: Project, path: string, more: Partial<Asked> = {}): Promise<AddReport> =>
  addToProject(to, { path, kind: null, choice: nothing, ids: null, byPosition: false, ...more }, here, context, temporaryFolder())

const labels = (names: readonly string[]): string =>
  written('labels.csv', [['cell', 'fate', 'score'], ...names.map((name, at) => [name, at % 3 ? 'grows' : 'rests', at / 2])])
const embedding = (names: readonly string[], name = 'emb.csv'): string =>
  written(name, [['cell', 'E_1', 'E_2', 'E_3'], ...names.map((cell, at) => [cell, at + 0.5, -at, 1])])
/** A file like the fixture with other cells. */
const others = (prefix: string): Promise<string> =>
  h5ad.written(temporaryFolder(), 'second.h5ad', (out) => {
    const obs = h5ad.frame(
      out,
      'obs',
      h5ad.cellNames.map((_, cell) => `${prefix}${cell}`),
      ['donor'],
    )
    h5ad.categorical(obs, 'donor', ['d3'], new Int8Array(10))
    h5ad.frame(out, 'var', [...h5ad.geneNames].reverse(), [])
    out
      .create_group('obsm')
      .create_dataset({ name: 'X_pca', data: h5ad.embedding.map((value) => -value), shape: [10, h5ad.dims] })
    h5ad.sparse(out, 'X', h5ad.counts)
  })

describe('metadata added later', () => {
  it('finds its cells by name in any order, and finished runs know the new groups', async () => {
    const made = await project()
    finishedRun(made)
    const groupsBefore = made.runs.groupsOfLatent(1, 0).length
    const report = await add(made, labels([...h5ad.cellNames].reverse().slice(0, 8)))
    expect(report).toMatchObject({
      kind: 'metadata',
      rows: 10,
      columns: ['fate', 'score'],
      matched: { both: 8, onlyFile: 0, onlyProject: 2 },
    })
    const fate = made.dataset.columns().find((column) => column.name === 'fate')
    if (!fate) throw new Error('no column')
    expect(Array.from(made.dataset.codes(fate), (code) => fate.levels[code] ?? '–')).toEqual(
      h5ad.cellNames.map((_, cell) => (cell < 2 ? '–' : (9 - cell) % 3 ? 'grows' : 'rests')),
    )
    expect(made.dataset.parts.sources().map((source) => [source.name, source.part])).toEqual([
      ['current.h5ad', 'rows'],
      ['labels.csv', 'metadata'],
    ])
    expect(made.runs.groupsOfLatent(1, 0)).toHaveLength(groupsBefore + 2)
    expect(made.dataset.get()?.report.problems.map((problem) => problem.code)).toContain('CELLS_PARTLY_MATCHED')
  })

  it('of other cells, or without columns, is refused and changes nothing', async () => {
    const made = await project()
    const before = made.dataset.columns()
    expect(await codeOf(add(made, labels(['z1', 'z2', 'z3'])))).toBe('JOIN_NO_MATCH')
    expect(made.dataset.columns()).toEqual(before)
  })
})

describe('a representation added later', () => {
  it('is the one that is trained on next, while earlier runs keep theirs', async () => {
    const made = await project()
    finishedRun(made)
    const report = await add(made, embedding([...h5ad.cellNames].reverse()))
    expect(report).toMatchObject({
      kind: 'representation',
      representation: 'emb',
      matched: { both: 10, onlyFile: 0, onlyProject: 0 },
    })
    expect(made.dataset.get()).toMatchObject({ representation: 'emb', dims: 3 })
    expect([...made.dataset.representation().subarray(0, 3)]).toEqual([9.5, -9, 1])
    expect(made.runs.get(1)?.representation).toBe('obsm/X_pca')
    expect(made.dataset.parts.activate('obsm/X_pca')).toBe(true)
    expect(made.dataset.parts.representations('obsm/X_pca')).toEqual([
      { key: 'obsm/X_pca', dims: 16, active: true },
      { key: 'emb', dims: 3, active: false },
    ])
    expect(made.dataset.representation()).toHaveLength(160)
    const { file } = made
    made.close()
    const again = openProject(file)
    expect(again.dataset.get()).toMatchObject({ representation: 'obsm/X_pca', dims: 16 })
    again.close()
  })

  it('must hold every cell, and must not be the one that is there', async () => {
    const made = await project()
    expect(await sentenceOf(add(made, embedding(h5ad.cellNames.slice(2))))).toBe(
      'emb.csv has 8 rows, and 2 of the 10 cells of the project are missing in it (cell-0, cell-1).',
    )
    expect(await sentenceOf(add(made, await h5ad.currentFile(temporaryFolder())))).toContain(
      'explained from the same numbers already',
    )
  })
})

describe('expression added later', () => {
  it('gives a project its genes when it had none', async () => {
    const made = await project({ expression: 'none' })
    const counts = written('counts.csv', [
      ['cell', ...h5ad.geneNames],
      ...h5ad.cellNames.map((name, cell) => [name, ...h5ad.counts.slice(cell * 4, cell * 4 + 4)]),
    ])
    expect(await add(made, counts)).toMatchObject({ kind: 'expression', genes: 4 })
    expect(made.dataset.get()).toMatchObject({ expression: 'X', verdict: 'counts', countsFrom: 'X' })
    expect(made.dataset.genes().map((gene) => gene.name)).toEqual([...h5ad.geneNames])
    expect(made.dataset.parts.depth()?.total[3]).toBe(h5ad.counts.slice(12, 16).reduce((sum, count) => sum + count, 0))
    expect(await codeOf(add(made, counts))).toBe('APPEND_UNCLEAR')
    expect(await sentenceOf(add(made, counts, { kind: 'expression' }))).toContain('has expression already')
  })
})

describe('cells added later', () => {
  it('lie under those that are there, on the same scale, with a column of samples', async () => {
    const made = await project()
    const report = await add(made, await others('more-'))
    expect(report).toMatchObject({ kind: 'rows', rows: 20, genes: 4, columns: ['sample'] })
    const store = made.dataset
    expect(store.get()).toMatchObject({ rows: 20, dims: 16, representation: 'obsm/X_pca', sourceName: 'current.h5ad' })
    expect(store.cellNames()[10]).toBe('more-0')
    expect(store.representation()[161]).toBe(-(store.representation()[1] ?? 1))
    const [own, added] = [store.findGene('CD3D'), store.findGene('NKG7')]
    const [here, there] = [own, added].map((gene) => {
      const values = new Float32Array(20)
      const stored = store.geneValues(gene?.position ?? 0)
      stored.indices.forEach((cell, at) => (values[cell] = stored.values[at] ?? 0))
      return values
    })
    for (let cell = 0; cell < 10; cell++) expect(there?.[10 + cell]).toBeCloseTo(here?.[cell] ?? NaN, 5)
    const donor = store.columns().find((column) => column.name === 'donor')
    expect(donor).toMatchObject({ role: 'donor', levels: ['d1', 'd2', 'd3'] })
    await add(made, await others('third-'))
    const sample = store.columns().find((column) => column.name === 'sample')
    expect(sample?.levels).toEqual(['current', 'second', 'second-2'])
    expect(store.get()?.rows).toBe(30)
    expect(store.parts.sources()).toHaveLength(3)
  })

  it('are refused once a model was trained, with the way out', async () => {
    const made = await project()
    finishedRun(made)
    const sentence = await sentenceOf(add(made, await others('more-')))
    expect(sentence).toBe('The project has 1 model trained on the cells it holds now, so no cells can be added to it.')
    expect(made.dataset.get()?.rows).toBe(10)
  })

  it('are never guessed where names overlap a little or are missing', async () => {
    const made = await project()
    expect(await sentenceOf(add(made, embedding(['cell-1', 'cell-2', 'n1', 'n2', 'n3', 'n4', 'n5'])))).toContain(
      '2 of its 7 rows have names of cells of the project',
    )
    const unnamed = written(
      'emb.csv',
      Array.from({ length: 10 }, (_, row) => [row / 7 + 0.1, -row / 3 - 0.1, 0.5]),
    )
    expect(await sentenceOf(add(made, unnamed))).toContain('its rows have no names')
    expect(await add(made, unnamed, { byPosition: true })).toMatchObject({ kind: 'representation' })
  })
})
