// All latents against all genes through a project: correlations, the read-out of decoder rows, and sums per donor for other tools.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AssociationReport } from '@contract'
import { pearson, spearman } from '../../src/main/science/correlation'
import { rank } from '../../src/main/science/ranks'
import {
  activations,
  cellCount,
  donorOf,
  expression,
  geneCount,
  latentCount,
  plantedProject,
  typeOf,
  type PlantedProject,
} from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-link-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let planted: PlantedProject
let report: AssociationReport
beforeAll(async () => {
  planted = await plantedProject(folder)
  expect(await planted.ask('latents.association', { run: planted.run, latent: 0 })).toBeNull()
  report = (await planted.finish('associate.start', { run: null })) as AssociationReport
})
afterAll(() => planted.engine.closeProject())

const dense = (of: typeof expression, column: number): number[] =>
  Array.from({ length: of.rows }, (_, row) => {
    for (let at = of.indptr[row] as number; at < (of.indptr[row + 1] as number); at++)
      if (of.indices[at] === column) return of.values[at] as number
    return 0
  })

describe('comparing all latents with all genes', () => {
  it('keeps the strongest genes of each latent with the correlations of the full lists', async () => {
    expect(report).toMatchObject({ latents: latentCount, genes: geneCount, cells: cellCount })
    const names = planted.project.dataset.genes().map((gene) => gene.name)
    const found = await planted.ask('latents.association', { run: planted.run, latent: 0 })
    const genes = found?.correlated ?? []
    expect(genes.length).toBeGreaterThanOrEqual(100)
    const [best] = genes
    expect(names.indexOf(best?.gene ?? '')).toBeLessThan(20)
    const x = dense(activations, 0)
    for (const gene of [...genes.slice(0, 3), ...genes.slice(-3)]) {
      const y = dense(expression, names.indexOf(gene.gene))
      expect(gene.pearson).toBeCloseTo(pearson(x, y)?.r as number, 6)
      expect(gene.spearman).toBeCloseTo(spearman(x, y)?.r as number, 6)
    }
  })

  it('gives the correlation with depth taken out, where the counts of the cells are known', async () => {
    const ask = async () => (await planted.ask('latents.association', { run: planted.run, latent: 0 }))?.correlated ?? []
    expect((await ask()).filter(({ partial }) => partial !== undefined)).toEqual([])
    const onIn = dense(activations, 0)
    const total = Float32Array.from(onIn, (value, cell) => 500 + 2_000 * value + (cell % 9) * 50)
    const known = vi
      .spyOn(planted.project.dataset.parts, 'depth')
      .mockReturnValue({ total, detected: new Uint32Array(cellCount) })
    const [best] = await ask()
    known.mockRestore()
    expect(best?.partialSpearman).toBeLessThan(best?.spearman ?? 0)
    // Depth follows the latent here, so little of the correlation is left.
    expect(best?.pearson).toBeGreaterThan(0.4)
    expect(Math.abs(best?.partial ?? 1)).toBeLessThan(0.3)
  })

  it('gives the correlation within the values of a column, and says which', async () => {
    const ask = (batch?: string) =>
      planted.ask('latents.association', { run: planted.run, latent: 0, ...(batch === undefined ? {} : { batch }) })
    // No column has the role batch here.
    expect((await ask())?.batch).toBeNull()
    expect((await ask())?.correlated[0]).not.toHaveProperty('withinBatch')
    const found = await ask('cell_type')
    expect(found?.batch).toEqual({ column: 'cell_type', values: 4 })
    const names = planted.project.dataset.genes().map((gene) => gene.name)
    const centred = (list: readonly number[]): number[] =>
      list.map((value, cell) => {
        const own = list.filter((_, other) => typeOf(other) === typeOf(cell))
        return value - own.reduce((sum, each) => sum + each, 0) / own.length
      })
    const x = dense(activations, 0)
    for (const { gene, withinBatch } of found?.correlated.slice(0, 5) ?? []) {
      const y = dense(expression, names.indexOf(gene))
      expect(withinBatch?.pearson).toBeCloseTo(pearson(centred(x), centred(y))?.r as number, 9)
      const [rankX, rankY] = [rank(x).ranks, rank(y).ranks]
      expect(withinBatch?.spearman).toBeCloseTo(pearson(centred([...rankX]), centred([...rankY]))?.r as number, 9)
      expect(withinBatch).not.toHaveProperty('partial')
    }
    // The planted latent is on in one type, so most of its correlations are those of the type.
    expect(found?.correlated[0]?.withinBatch?.spearman).toBeLessThan(found?.correlated[0]?.spearman ?? 0)
    await expect(ask('pseudotime')).rejects.toThrow('NOTHING_FOUND')
  })

  it('has nothing for a latent that is never on', async () => {
    expect((await planted.ask('latents.association', { run: planted.run, latent: 3 }))?.correlated).toEqual([])
  })

  it('reads decoder rows out on genes by a map that says how well it predicts new cells', async () => {
    expect(report.readOut).toMatchObject({ source: 'ridge' })
    const decoder = (await planted.ask('latents.association', { run: planted.run, latent: 0 }))?.decoder
    expect(decoder?.note).toContain('left out')
    const names = planted.project.dataset.genes().map((gene) => gene.name)
    // Latent 0 points along the first dimension, which is high where its genes are.
    const up = decoder?.genes.filter((gene) => gene.effect > 0) ?? []
    expect(up.slice(0, 10).every((gene) => names.indexOf(gene.gene) < 20)).toBe(true)
    expect(up.every((gene) => (gene.r2 ?? 0) >= 0.05)).toBe(true)
  })

  it('answers the same when done again', async () => {
    const before = await planted.ask('latents.association', { run: planted.run, latent: 0 })
    await planted.finish('associate.start', { run: null })
    expect(await planted.ask('latents.association', { run: planted.run, latent: 0 })).toEqual(before)
  })
})

describe('pseudobulk', () => {
  const write = async (name: string, latent: number | null): Promise<string[][][]> => {
    const path = join(folder, name)
    const { written } = await planted.ask('export.table', {
      run: planted.run,
      what: 'pseudobulk',
      file: planted.grant(path, 'export'),
      latent,
    })
    return written.map((one) =>
      readFileSync(one.path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(',')),
    )
  }
  const sum = (gene: number, of: (cell: number) => boolean): number =>
    dense(expression, gene).reduce((total, value, cell) => total + (of(cell) ? Math.expm1(value) : 0), 0)

  it('sums each gene over the cells of a donor in which a latent is on and off', async () => {
    const [table, samples] = await write('on-off.csv', 0)
    expect(samples?.slice(0, 3).map((row) => row.slice(0, 4))).toEqual([
      ['sample', 'donor', 'F0', 'cells'],
      ['S1', 'D1', 'off', '60'],
      ['S2', 'D1', 'on', '20'],
    ])
    const x = dense(activations, 0)
    expect(table).toHaveLength(geneCount + 1)
    expect(Number(table?.[1]?.[2])).toBeCloseTo(
      sum(0, (cell) => donorOf(cell) === 0 && (x[cell] as number) > 0),
      6,
    )
  })

  it('sums over donors and cell types without a latent', async () => {
    const [table, samples] = await write('types.csv', null)
    expect(samples).toHaveLength(17)
    expect(samples?.[2]?.slice(0, 4)).toEqual(['S2', 'D1', 'T cell', '20'])
    expect(Number(table?.[6]?.[2])).toBeCloseTo(
      sum(5, (cell) => donorOf(cell) === 0 && typeOf(cell) === 1),
      6,
    )
  })
})
