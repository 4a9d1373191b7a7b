// Files of many kinds through the window: a Zarr folder and its archive, columns from a workbook, several kinds of features.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import type { File } from 'h5wasm/node'
import { describe, expect, it } from 'vitest'
import type { ProjectSummary } from '@contract'
import { formatFile } from '../engine/fixtures/formats'
import * as h5ad from '../engine/fixtures/h5ad'
import { startApp, temporaryFolder, untilReady } from './app'
import { ask, drop, textOf } from './steps'

const zarr = 'v2.zarr.zip'

/** The archive unpacked, as AnnData writes it. */
function zarrFolder(parent: string): string {
  const folder = join(parent, 'cells.zarr')
  for (const [path, bytes] of Object.entries(unzipSync(readFileSync(formatFile(zarr))))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  return folder
}

const types = ['Gene Expression', 'Antibody Capture', 'Peaks'] as const
const antibodies = ['CD3_TotalSeqB', 'CD19_TotalSeqB']
const peaks = ['chr1:100-200', 'chr2:300-400']
/** Of cell and feature: some 0, some not. */
const counted = (cell: number, feature: number): number => (cell * 5 + feature * 3) % 4

/** Genes, antibodies and peaks of the same ten cells, as Cell Ranger writes them. */
function multiome(out: File): void {
  const names = [...h5ad.geneNames, ...antibodies, ...peaks]
  const kinds = [...h5ad.geneNames.map(() => types[0]), ...antibodies.map(() => types[1]), ...peaks.map(() => types[2])]
  const values = h5ad.cellNames.flatMap((_, cell) => names.map((__, feature) => counted(cell, feature)))
  const group = h5ad.sparse(out, 'matrix', values, false, names.length)
  group.create_dataset({ name: 'barcodes', data: h5ad.cellNames })
  group.create_dataset({ name: 'shape', data: new Int32Array([names.length, h5ad.cellCount]) })
  const features = group.create_group('features')
  features.create_dataset({ name: 'id', data: names })
  features.create_dataset({ name: 'name', data: names })
  features.create_dataset({ name: 'feature_type', data: kinds })
}

/** Mean total and detection per cell of features `first` to `end`, as the page writes them. */
function perCell(first: number, end: number): string {
  const values = h5ad.cellNames.flatMap((_, cell) => Array.from({ length: end - first }, (__, at) => counted(cell, first + at)))
  const mean = (numbers: number[]): string => (numbers.reduce((sum, value) => sum + value, 0) / h5ad.cellCount).toFixed(1)
  return `per cell on average ${mean(values)} counts, ${mean(values.map((value) => Number(value > 0)))} detected`
}

describe('a Zarr hierarchy', () => {
  it('is imported as a folder with columns from a workbook beside it, and as an archive by drop', async () => {
    const parent = temporaryFolder()
    const { page, errors, close } = await startApp({
      dialogs: [
        { dialog: 'chooseData', path: zarrFolder(parent) },
        { dialog: 'chooseData', path: formatFile('workbook.xlsx') },
        { dialog: 'newProject', path: join(parent, 'folder.latiscope') },
        { dialog: 'newProject', path: join(parent, 'archive.latiscope') },
      ],
    })
    await untilReady(page, 'start')
    await page.getByTestId('new-from-folder').click()
    await untilReady(page, 'review')
    expect(await textOf(page, 'review-facts')).toContain('10 cells × 4 genes')
    await page.getByTestId('beside-metadata').click()
    await expect.poll(() => textOf(page, 'beside'), { timeout: 30_000 }).toContain('workbook.xlsx')
    await expect.poll(() => page.getByTestId('import-confirm').getAttribute('aria-disabled')).toBe('false')
    await page.getByTestId('import-confirm').click()
    await expect.poll(() => textOf(page, 'stored-rows'), { timeout: 30_000 }).toBe('10 cells × 4 genes')
    const { data } = await ask<ProjectSummary>(page, 'project.summary', {})
    expect(data?.sources.map(({ part }) => part)).toEqual(['rows', 'metadata'])
    expect(data?.columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['cell_type', 'sampled']))

    await drop(await page.context().newCDPSession(page), formatFile(zarr))
    await untilReady(page, 'review')
    expect(await textOf(page, 'review-name')).toBe(zarr)
    await page.getByTestId('import-confirm').click()
    await expect.poll(() => textOf(page, 'stored-rows'), { timeout: 30_000 }).toBe('10 cells × 4 genes')
    expect((await ask<ProjectSummary>(page, 'project.summary', {})).data?.sourceName).toBe(zarr)
    expect(errors).toEqual([])
    await close()
  })
})

describe('genes, antibodies and peaks of the same cells', () => {
  it('are told in the review, each with its totals after the import, and peaks by their nearest gene', async () => {
    const parent = temporaryFolder()
    const positions = join(parent, 'genes.tsv')
    writeFileSync(positions, 'chr1\t350\t900\tCD3D\nchr3\t10\t20\tNKG7\n')
    const file = await h5ad.written(parent, 'multiome.h5', multiome)
    const { page, errors, close } = await startApp({
      dialogs: [
        { dialog: 'chooseData', path: file },
        { dialog: 'chooseData', path: positions },
        { dialog: 'newProject', path: join(parent, 'multiome.latiscope') },
      ],
    })
    await untilReady(page, 'start')
    await page.getByTestId('new-project').click()
    await untilReady(page, 'review')
    expect(await page.getByTestId('further-features').allTextContents()).toEqual([
      '2 features, raw counts; kept beside the genes',
      '2 features, raw counts; kept beside the genes',
    ])
    await page.getByTestId('beside-positions').click()
    await expect.poll(() => textOf(page, 'beside'), { timeout: 30_000 }).toContain('genes.tsv')
    await page.locator('input[value="pca"]').check()
    await expect.poll(() => page.getByTestId('import-confirm').getAttribute('aria-disabled')).toBe('false')
    await page.getByTestId('import-confirm').click()
    await expect.poll(() => textOf(page, 'stored-rows'), { timeout: 30_000 }).toBe('10 cells × 4 genes')
    expect(await textOf(page, 'genes-per-row')).toBe(perCell(0, 4))
    expect(await page.getByTestId('per-row').allTextContents()).toEqual([perCell(4, 6), perCell(6, 8)])
    await page.getByTestId('feature-name').fill('chr1:100-200')
    await page.getByTestId('feature-name').press('Enter')
    const seen = h5ad.cellNames.filter((_, cell) => counted(cell, 6) > 0).length
    await expect
      .poll(() => textOf(page, 'feature-answer'))
      .toBe(`chr1:100-200: nearest gene CD3D, 151 base pairs away; seen in ${seen} cells.`)
    expect(errors).toEqual([])
    await close()
  })
})
