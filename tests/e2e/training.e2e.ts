// A run in the real app that does not go straight through: paused, continued, stopped and kept; killed with the whole app.
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { MetricPoint } from '@contract'
import { startApp, temporaryFolder, untilReady } from './app'
import { ask, openSample, runs, setTraining, startTraining, textOf, untilRun } from './steps'

const small = { Features: 32, 'On per cell': 6 }
const lastStep = async (page: Page, run: number): Promise<number> =>
  (await ask<MetricPoint[]>(page, 'run.history', { run })).at(-1)?.step ?? 0
/** Waits until the run has measured itself after this step. */
const untilPast = (page: Page, run: number, step: number): Promise<void> =>
  expect.poll(() => lastStep(page, run), { timeout: 60_000 }).toBeGreaterThan(step)

describe('a run that is paused', () => {
  it('says how far it is, goes on from there, and is a model once it is stopped and kept', async () => {
    const { page, errors, close } = await startApp()
    await openSample(page)
    await setTraining(page, { ...small, Steps: 1_000_000 })
    await startTraining(page)
    await untilPast(page, 1, 500)
    await page.getByTestId('pause-run').click()
    await untilRun(page, 'paused')
    const [paused] = await runs(page)
    const stoodAt = paused?.resumeStep ?? 0
    expect(stoodAt).toBeGreaterThan(500)
    expect(await textOf(page, 'resume-run')).toBe(`Continue from step ${stoodAt.toLocaleString('en-GB')}`)
    expect(await textOf(page, 'run-verdict')).toContain('The run goes on to the same result')

    await page.getByTestId('resume-run').click()
    await untilRun(page, 'training')
    await untilPast(page, 1, stoodAt)
    await page.getByTestId('stop-run').click()
    await untilRun(page, 'done')
    const [kept] = await runs(page)
    expect(kept?.stoppedAt).toBeGreaterThan(stoodAt)
    expect(kept?.metrics?.explainedVariance.heldOut).toBeGreaterThan(0.5)
    await expect.poll(() => textOf(page, 'run-verdict')).toMatch(/above PCA|more than PCA/)
    expect(errors).toEqual([])
    await close()
  })
})

describe('a run that was going on when the app was killed', () => {
  it('is found interrupted at the next start and goes on to what it reaches undisturbed', async () => {
    process.env['LATISCOPE_CHECKPOINT_SECONDS'] = '0.2'
    onTestFinished(() => void delete process.env['LATISCOPE_CHECKPOINT_SECONDS'])
    const userData = temporaryFolder()
    const first = await startApp({ userData })
    await openSample(first.page)
    await setTraining(first.page, { ...small, Steps: 6_000 })
    await startTraining(first.page)
    await untilRun(first.page, 'done')
    await startTraining(first.page)
    await untilPast(first.page, 2, 1_500)
    first.electron.process().kill('SIGKILL')

    const again = await startApp({ userData })
    await untilReady(again.page, 'start')
    await again.page.getByTestId('recent-project').first().click()
    await expect.poll(async () => (await runs(again.page).catch(() => [])).length, { timeout: 30_000 }).toBe(2)
    await again.page.getByTestId('tab-train').click()
    await untilReady(again.page, 'train')
    await again.page.getByTestId('run-row').first().click()
    await untilRun(again.page, 'interrupted')
    expect(await textOf(again.page, 'run-verdict')).toContain('The project is safe, and the run can go on.')
    expect((await runs(again.page))[0]?.resumeStep).toBeGreaterThan(0)
    await again.page.getByTestId('resume-run').click()
    await untilRun(again.page, 'done')
    const [resumed, undisturbed] = await runs(again.page)
    expect(resumed?.stoppedAt).toBeNull()
    expect(resumed?.metrics).toEqual(undisturbed?.metrics)
    expect(again.errors).toEqual([])
    await again.close()
  })
})
