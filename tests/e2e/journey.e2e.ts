// The whole job in the real app: sample, training, linking, a feature, a term; closed, opened again, everything still there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { LatentRow } from '@contract'
import { startAgain, startApp, temporaryFolder, untilReady } from './app'
import {
  ask,
  countOf,
  linkRun,
  openSample,
  runs,
  setTraining,
  showFeatures,
  startTraining,
  textOf,
  untilImported,
  untilRun,
} from './steps'

/** The heat map by keys, saved in every way; the path of a term saved as a picture. */
async function readConcepts(page: Page, folder: string): Promise<void> {
  const saveAs = async (pane: string, words: string): Promise<void> => {
    await page.locator(`[data-testid="${pane}"] .chart-tools > button`).first().click()
    await page.getByRole('menuitem', { name: words }).click()
    await expect
      .poll(() =>
        page
          .locator(`[data-testid="${pane}"]`)
          .getByText(/^Saved as/)
          .count(),
      )
      .toBe(1)
    await expect
      .poll(
        () =>
          page
            .locator(`[data-testid="${pane}"]`)
            .getByText(/^Saved as/)
            .count(),
        { timeout: 8_000 },
      )
      .toBe(0)
  }
  await page.getByTestId('tab-concepts').click()
  await untilReady(page, 'concepts')
  const frame = page.locator('[data-testid="concept-map"] .chart-frame')
  await frame.focus()
  await frame.press('ArrowDown')
  await expect
    .poll(() => page.locator('[data-testid="concept-map"] > [role="status"]').textContent())
    .toMatch(/^.+, F\d+.*, (?:q overall|No link at this q)/)
  await saveAs('concept-map', 'Save as SVG…')
  await saveAs('concept-map', 'Save table (CSV)…')
  await saveAs('term-path', 'Save as PNG…')
  const [svg, csv] = ['map.svg', 'map.csv'].map((name) => readFileSync(join(folder, name), 'utf8')) as [string, string]
  const [head = '', first = ''] = csv.slice(1).split('\r\n')
  expect(head).toBe('Id,Term,Feature,q overall,q here,Shared genes,Genes of the term,Fold')
  expect(first).toMatch(/^GO:\d{7},/)
  expect(svg).toMatch(/^<svg /)
  expect(svg).toContain('not significant')
  expect(readFileSync(join(folder, 'path.png')).subarray(1, 4).toString()).toBe('PNG')
}

describe('from the sample to a gene-ontology term', () => {
  it('trains, links, opens a feature, finds a term, and still has it all after a restart', async () => {
    const userData = temporaryFolder()
    const app = await startApp({
      userData,
      dialogs: [
        { dialog: 'saveFigure', path: join(userData, 'map.svg') },
        { dialog: 'saveFigure', path: join(userData, 'map') },
        { dialog: 'savePicture', path: join(userData, 'path.png') },
      ],
    })
    const { page } = app
    await openSample(page)
    await setTraining(page, { Features: 64, 'On per cell': 8 })
    await startTraining(page)
    await untilRun(page, 'done')
    await linkRun(page)

    const [run] = await runs(page)
    expect(run?.settings).toMatchObject({ latents: 64, k: 8 })
    expect(run?.metrics?.explainedVariance.heldOut).toBeGreaterThan(0.5)

    await showFeatures(page)
    await page.getByTestId('latent-row').first().click()
    await expect.poll(() => countOf(page, 'gene-row'), { timeout: 30_000 }).toBeGreaterThan(5)
    const before = await ask<LatentRow[]>(page, 'latents.list', { run: run?.id, aspect: 'BP' })
    expect(before).toHaveLength(64)
    const named = before.find(({ topTerm }) => topTerm !== null)?.topTerm
    expect(named, 'a feature with a term').toBeTruthy()

    await page.getByTestId('global-search').click()
    await page.getByTestId('global-search-input').fill(named?.name ?? '')
    const hit = page
      .getByTestId('search-hit')
      .filter({ hasText: named?.name ?? '' })
      .first()
    await hit.click()
    await expect.poll(() => textOf(page, 'match-chip'), { timeout: 30_000 }).toContain(named?.name)
    await expect.poll(() => countOf(page, 'term-row'), { timeout: 30_000 }).toBeGreaterThan(0)
    await readConcepts(page, userData)
    expect(app.errors).toEqual([])
    await app.close()

    const again = await startApp({ userData })
    await untilReady(again.page, 'start')
    await again.page.getByTestId('recent-project').first().click()
    await untilReady(again.page, 'features')
    expect(await textOf(again.page, 'project-name')).not.toBe('')
    const [kept] = await runs(again.page)
    expect(kept).toEqual({ ...run, linkedAspects: kept?.linkedAspects })
    expect(kept?.linkedAspects).toContain('BP')
    expect(await ask<LatentRow[]>(again.page, 'latents.list', { run: run?.id, aspect: 'BP' })).toEqual(before)
    await expect.poll(() => countOf(again.page, 'latent-row'), { timeout: 30_000 }).toBeGreaterThan(5)
    expect(again.errors).toEqual([])
    await again.close()
  })

  it('opens the sample at once when it is started with --sample', async () => {
    const { page, close } = await startApp({ arguments: ['--sample', 'pbmc'] })
    await untilImported(page)
    expect(await textOf(page, 'project-name')).toMatch(/PBMC/i)
    await close()
  })

  it('opens in the same window what a second start asks for', async () => {
    const userData = temporaryFolder()
    const { page, electron, close } = await startApp({ userData })
    await untilReady(page, 'start')
    expect(await startAgain(userData, '--sample', 'pbmc')).toBe(0)
    await untilImported(page)
    expect(electron.windows()).toHaveLength(1)
    await close()
  })
})
