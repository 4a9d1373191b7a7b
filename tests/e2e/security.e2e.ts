// What a hostile page could try in the running app, tried. The window must stay shut to all of it, on every page.
import { describe, expect, it } from 'vitest'
import { startApp, untilReady, type RunningApp } from './app'
import { linkRun, openSample, setTraining, showFeatures, startTraining, untilRun } from './steps'

/** Answers of fetch: the status, or the kind of failure. */
const tryFetch = (app: RunningApp, addresses: readonly string[]): Promise<Record<string, string>> =>
  app.page.evaluate(async (tried) => {
    const answers: Record<string, string> = {}
    for (const address of tried)
      answers[address] = await fetch(address).then(
        (answer) => String(answer.status),
        (error: Error) => error.name,
      )
    return answers
  }, addresses)

/** Collects violations of the content policy from now on, also those of the page's own start. */
async function watchViolations(app: RunningApp): Promise<() => Promise<string[]>> {
  await app.page.addInitScript(() => {
    const seen: string[] = []
    Object.assign(globalThis, { policyViolations: seen })
    document.addEventListener('securitypolicyviolation', (event) => seen.push(`${event.effectiveDirective} ${event.blockedURI}`))
  })
  await app.page.reload()
  return () => app.page.evaluate(() => (globalThis as unknown as { policyViolations: string[] }).policyViolations)
}

describe('the window', () => {
  it('runs sandboxed and isolated, without Node and without paths', async () => {
    const app = await startApp()
    await untilReady(app.page)
    // The preload script exposes nothing unless process.sandboxed and process.contextIsolated are true there.
    expect(await app.page.evaluate(() => Object.keys(window.latiscope).sort())).toEqual([
      'contractVersion',
      'engine',
      'grantDropped',
      'onEvent',
      'shell',
    ])
    expect(
      await app.page.evaluate(() => [
        Object.isFrozen(window.latiscope),
        typeof globalThis.require,
        typeof process,
        typeof Buffer,
      ]),
    ).toEqual([true, 'undefined', 'undefined', 'undefined'])
    const preferences = await app.electron.evaluate(({ webContents }) =>
      webContents
        .getAllWebContents()
        .map((contents) => (contents as unknown as { getLastWebPreferences(): unknown }).getLastWebPreferences()),
    )
    expect(preferences).toHaveLength(1)
    expect(preferences[0]).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
    await app.close()
  })

  it('opens no window, goes nowhere and loads nothing from outside', async () => {
    const app = await startApp()
    const { page } = app
    await untilReady(page)
    expect(await page.evaluate(() => window.open('https://example.org/'))).toBeNull()
    for (const address of ['https://example.org/', 'file:///etc/passwd', 'app://other/index.html', 'data:text/html,<p>x</p>']) {
      await page.evaluate((target) => void (location.href = target), address)
    }
    expect(
      await tryFetch(app, [
        'file:///etc/passwd',
        'http://example.org/',
        'http://127.0.0.1:1/',
        'app://other/index.html',
        'app://bundle/../package.json',
      ]),
    ).toEqual({
      'file:///etc/passwd': 'TypeError',
      'http://example.org/': 'TypeError',
      'http://127.0.0.1:1/': 'TypeError',
      'app://other/index.html': 'TypeError',
      'app://bundle/../package.json': '404',
    })
    await expect
      .poll(() =>
        app.electron.evaluate(({ net }) =>
          net.fetch('http://127.0.0.1:9/').then(
            () => 'answered',
            () => 'blocked',
          ),
        ),
      )
      .toBe('blocked')
    expect(page.url()).toMatch(/^app:\/\/bundle\/index\.html/)
    expect(app.electron.windows()).toHaveLength(1)
    await app.close()
  })

  it('has no permission but writing to the clipboard', async () => {
    const { page, close } = await startApp()
    await untilReady(page)
    const states = await page.evaluate(async () => {
      const names = [
        'geolocation',
        'notifications',
        'camera',
        'microphone',
        'midi',
        'persistent-storage',
        'clipboard-read',
        'clipboard-write',
      ]
      const found: Record<string, string> = {}
      for (const name of names) found[name] = (await navigator.permissions.query({ name: name as PermissionName })).state
      return found
    })
    expect(states).toEqual({
      geolocation: 'denied',
      notifications: 'denied',
      camera: 'denied',
      microphone: 'denied',
      midi: 'denied',
      'persistent-storage': 'denied',
      'clipboard-read': 'denied',
      'clipboard-write': 'granted',
    })
    await close()
  })

  it('answers forged requests with refusals', async () => {
    const { page, close } = await startApp()
    await untilReady(page)
    const codes = await page.evaluate(async () => {
      const forged = 'f'.repeat(32)
      const answers = [
        await window.latiscope.engine('project.open', { file: forged }),
        await window.latiscope.engine('project.open', { file: '/etc/passwd' }),
        await window.latiscope.engine('__proto__', {}),
        await window.latiscope.shell('files.showInFolder', { token: forged }),
        await window.latiscope.shell('constructor', {}),
        await window.latiscope.grantDropped(new File(['x'], 'made-by-the-page.h5ad')),
      ]
      return answers.map((answer) => (answer.ok ? 'ok' : answer.error.code))
    })
    expect(codes).toEqual(Array.from({ length: 6 }, () => 'BAD_REQUEST'))
    await close()
  })

  it('breaks its content policy on no page', async () => {
    const app = await startApp()
    await untilReady(app.page)
    const violations = await watchViolations(app)
    await openSample(app.page)
    await app.page.getByTestId('tab-data').click()
    await untilReady(app.page, 'data')
    await setTraining(app.page, { Features: 64, 'On per cell': 8, Steps: 300 })
    await startTraining(app.page)
    await untilRun(app.page, 'done')
    await linkRun(app.page)
    await showFeatures(app.page)
    await app.page.getByTestId('latent-row').first().click()
    await app.page.getByTestId('global-search').click()
    await app.page.getByTestId('global-search-input').fill('cell')
    await expect.poll(() => app.page.getByTestId('search-hit').count()).toBeGreaterThan(0)
    expect(await violations()).toEqual([])
    await app.close()
  })
})
