// The whole job in the real app: sample, training, linking, a feature, a term; closed, opened again, everything still there.
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

describe('from the sample to a gene-ontology term', () => {
  it('trains, links, opens a feature, finds a term, and still has it all after a restart', async () => {
    const userData = temporaryFolder()
    const app = await startApp({ userData })
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
