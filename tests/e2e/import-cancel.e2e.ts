// An import that takes long, cancelled in the middle: the project is as it was, and the window goes on working.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ProjectSummary } from '@contract'
import { startApp, temporaryFolder, untilReady } from './app'
import { ask, textOf } from './steps'

const root = resolve(import.meta.dirname, '../..')
const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

describe('a long import', () => {
  it('cancelled in the middle leaves the project as it was, and the same file can be imported afterwards', async () => {
    const folder = temporaryFolder()
    const large = join(folder, 'large.h5ad')
    // 200 MB of counts: more than ten seconds of import on two cores.
    execFileSync(process.execPath, [join(root, 'tools/bench/import-file.mjs'), large, '16000', '12000', '0.07'])
    expect(statSync(large).size).toBeGreaterThan(100_000_000)
    const file = join(folder, 'large.latiscope')
    const sample = join(root, 'resources/sample/pbmc68k_reduced.h5ad')
    const { page, errors, close } = await startApp({
      dialogs: [
        { dialog: 'chooseData', path: large },
        { dialog: 'newProject', path: file },
        { dialog: 'chooseData', path: sample },
      ],
    })
    await untilReady(page, 'start')
    await page.getByTestId('new-project').click()
    await untilReady(page, 'review', 60_000)
    await page.getByTestId('import-confirm').click()
    await expect.poll(() => page.getByTestId('import-cancel').count(), { timeout: 30_000 }).toBe(1)
    const before = hashOf(file)
    await expect
      .poll(() => page.getByTestId('import-progress').getByRole('progressbar').getAttribute('aria-valuenow'), { timeout: 60_000 })
      .toMatch(/^(?:[5-9]|[1-9]\d)$/)
    await page.getByTestId('import-cancel').click()
    await expect.poll(() => page.getByTestId('import-cancel').count(), { timeout: 10_000 }).toBe(0)
    expect(hashOf(file)).toBe(before)
    expect(readdirSync(folder).toSorted()).toEqual(['large.h5ad', 'large.latiscope'])
    const empty = await ask<ProjectSummary>(page, 'project.summary', {})
    expect([empty.data, empty.runs]).toEqual([null, []])

    // The review is still there with its answers, and another file goes into the same project.
    expect(await textOf(page, 'import-confirm')).toBe('Import 16,000 cells')
    await page.getByTestId('import-back').click()
    await page.getByTestId('tab-data').click()
    await page.getByTestId('choose-data').click()
    await untilReady(page, 'review')
    await page.getByTestId('import-confirm').click()
    await expect.poll(() => textOf(page, 'stored-rows'), { timeout: 60_000 }).toBe('700 cells × 765 genes')
    expect(errors).toEqual([])
    await close()
  })
})
