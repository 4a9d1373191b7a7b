// Processes killed at the worst moment: the trainer, the engine, the whole app. Nothing stored may be lost, and the user is told.
import { describe, expect, it } from 'vitest'
import { helperPids, isAlive, startApp, temporaryFolder, untilReady } from './app'
import { ask, openSample, runs, setTraining, startTraining, textOf, untilRun } from './steps'

/** Long enough to be killed in the middle on any machine. */
const endless = { Features: 64, 'On per cell': 8, Steps: 1_000_000 }

describe('a process that is killed during training', () => {
  it('the trainer: the app lives on, says so, and trains again', async () => {
    const { page, electron, close } = await startApp()
    await openSample(page)
    await setTraining(page, endless)
    await startTraining(page)
    await expect.poll(() => helperPids(electron, 'trainer'), { timeout: 30_000 }).toHaveLength(1)
    await expect
      .poll(async () => (await ask<unknown[]>(page, 'run.history', { run: 1 })).length, { timeout: 60_000 })
      .toBeGreaterThan(0)
    for (const pid of await helperPids(electron, 'trainer')) process.kill(pid, 'SIGKILL')
    await untilRun(page, 'interrupted')
    expect(await textOf(page, 'run-verdict')).toMatch(/interrupted/)
    expect(await textOf(page, 'run-verdict')).toMatch(/project is safe/)
    await setTraining(page, { Steps: 50 })
    await startTraining(page)
    await expect
      .poll(async () => (await runs(page)).map(({ state }) => state), { timeout: 60_000 })
      .toEqual(['done', 'interrupted'])
    await close()
  })

  it('the engine: it is started again with the project, and the run is marked interrupted', async () => {
    const { page, electron, close } = await startApp()
    await openSample(page)
    await setTraining(page, endless)
    await startTraining(page)
    await expect.poll(() => helperPids(electron, 'trainer'), { timeout: 30_000 }).toHaveLength(1)
    const trainers = await helperPids(electron, 'trainer')
    const [engine] = await helperPids(electron, 'engine')
    expect(engine).toBeDefined()
    process.kill(engine as number, 'SIGKILL')
    await expect
      .poll(() => page.evaluate(() => document.body.textContent), { timeout: 30_000 })
      .toMatch(/data process (ended|was|has)/i)
    await expect
      .poll(async () => (await runs(page).catch(() => [])).map(({ state }) => state), { timeout: 30_000 })
      .toEqual(['interrupted'])
    expect((await ask<{ data: { rows: number } }>(page, 'project.summary', {})).data.rows).toBe(700)
    expect(await helperPids(electron, 'engine')).not.toContain(engine)
    // It may still be keeping its checkpoint.
    await expect.poll(() => trainers.filter(isAlive), { timeout: 15_000 }).toEqual([])
    await close()
  })

  it('the app: no helper is left behind, and the next start finds everything that was stored', async () => {
    const userData = temporaryFolder()
    const first = await startApp({ userData })
    await openSample(first.page)
    await setTraining(first.page, { Features: 64, 'On per cell': 8, Steps: 50 })
    await startTraining(first.page)
    await untilRun(first.page, 'done')
    const stored = await runs(first.page)
    await setTraining(first.page, { Steps: 1_000_000 })
    await startTraining(first.page)
    await expect.poll(() => helperPids(first.electron, 'trainer'), { timeout: 30_000 }).toHaveLength(1)
    const helpers = [...(await helperPids(first.electron, 'engine')), ...(await helperPids(first.electron, 'trainer'))]
    first.electron.process().kill('SIGKILL')
    await expect.poll(() => helpers.filter(isAlive), { timeout: 15_000 }).toEqual([])

    const again = await startApp({ userData })
    await untilReady(again.page, 'start')
    await again.page.getByTestId('recent-project').first().click()
    await expect.poll(async () => (await runs(again.page).catch(() => [])).length, { timeout: 30_000 }).toBe(2)
    const [broken, kept] = await runs(again.page)
    expect(kept).toEqual(stored[0])
    expect(broken?.state).toBe('interrupted')
    await again.close()
  })
})

describe('closing the window during training', () => {
  it('asks, stays open on Cancel, and ends after Stop', async () => {
    const { page, electron } = await startApp({
      dialogs: [
        { dialog: 'closeWithJobs', button: 'cancel' },
        { dialog: 'closeWithJobs', button: 'stop' },
      ],
    })
    await openSample(page)
    await setTraining(page, endless)
    await startTraining(page)
    await expect.poll(() => helperPids(electron, 'trainer'), { timeout: 30_000 }).toHaveLength(1)
    await electron.evaluate(({ app }) => app.quit())
    expect((await runs(page)).map(({ state }) => state)).toEqual(['training'])
    const ended = new Promise<number | null>((done) => electron.process().once('exit', (code) => done(code)))
    await electron.evaluate(({ app }) => app.quit()).catch(() => {})
    expect(await ended).toBe(0)
  })
})
