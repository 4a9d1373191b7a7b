// Starts the built app in the real Electron for one test, with a user folder of its own, and ends it again.
// Needs LATISCOPE_ELECTRON (the executable) and LATISCOPE_APP (the built clone); both have sensible defaults.
// No fixed sleeps and no waitForFunction: its frame polling stalls under Xvfb.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const results = join(root, 'test-results')

export interface DialogAnswer {
  readonly dialog:
    'chooseData' | 'chooseProject' | 'newProject' | 'chooseExport' | 'savePicture' | 'saveFigure' | 'closeWithJobs' | 'tell'
  readonly path?: string
  readonly button?: 'keep' | 'stop' | 'cancel'
}

export interface StartOptions {
  /** Folder for settings and samples; a fresh one, removed after the test, when left out. */
  readonly userData?: string
  readonly arguments?: readonly string[]
  readonly dialogs?: readonly DialogAnswer[]
}

/** Where the built app lies. */
const appRoot = process.env['LATISCOPE_APP'] ?? root

export interface RunningApp {
  readonly electron: ElectronApplication
  readonly page: Page
  readonly userData: string
  /** Everything the page logged as an error since the start. */
  readonly errors: readonly string[]
  /** Ends the app as a user would. */
  close(): Promise<void>
}

/**
 * A folder that stands for the app: it holds Electron's `ready` back until Playwright is attached, then runs the built main
 * process as it is. Without this, one start in twenty hangs: Playwright meets a window that is just being made.
 */
function heldApp(userData: string): string {
  const folder = join(userData, 'held-app')
  const manifest = JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8')) as { main: string }
  const loader = join(dirname(createRequire(import.meta.url).resolve('playwright-core')), 'lib/server/electron/loader.js')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, type: 'module', main: 'main.js' }))
  const lines = [
    `import { createRequire } from 'node:module'`,
    `createRequire(import.meta.url)(${JSON.stringify(loader)})`,
    `await import(${JSON.stringify(pathToFileURL(join(appRoot, manifest.main)).href)})`,
  ]
  writeFileSync(join(folder, 'main.js'), lines.join('\n'))
  return folder
}

/** What every start of the app needs, before the arguments of the test. */
const launchArguments = (folder: string, userData: string): string[] => [
  folder,
  `--user-data-dir=${userData}`,
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Starts the app once more with the same user folder; resolves with the exit code of that second start. */
export function startAgain(userData: string, ...more: readonly string[]): Promise<number | null> {
  const second = spawn(electronPath(), [...launchArguments(appRoot, userData), ...more], {
    env: { ...process.env, LATISCOPE_APP: appRoot },
    stdio: 'ignore',
  })
  return new Promise((done) => second.once('exit', (code) => done(code)))
}

function electronPath(): string {
  const named = process.env['LATISCOPE_ELECTRON']
  if (named) return named
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  if (existsSync(pathFile)) return join(folder, 'dist', readFileSync(pathFile, 'utf8').trim())
  throw new Error('No Electron: run "npm run setup", or set LATISCOPE_ELECTRON.')
}

/** A folder for one test, removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latiscope-e2e-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Starts the app and waits for its window. Ends it, and keeps a picture of a failure, when the test is over. */
export async function startApp(options: StartOptions = {}): Promise<RunningApp> {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    throw new Error('No display: run the e2e tests under xvfb-run -a.')
  if (!existsSync(join(appRoot, 'out/main/index.js'))) throw new Error('The app is not built: run "npm run build".')
  const userData = options.userData ?? temporaryFolder()
  const script = join(userData, 'dialogs.json')
  mkdirSync(userData, { recursive: true })
  writeFileSync(script, JSON.stringify(options.dialogs ?? []))
  const held = heldApp(userData)
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const electron = await _electron.launch({
    executablePath: electronPath(),
    args: [...launchArguments(held, userData), ...(options.arguments ?? [])],
    cwd: appRoot,
    env: { ...environment, LATISCOPE_APP: held, LATISCOPE_TEST_DIALOGS: script },
    timeout: 30_000,
  })
  const mainProcess = electron.process()
  const end = (): void => {
    if (mainProcess.exitCode === null && mainProcess.signalCode === null) mainProcess.kill('SIGKILL')
  }
  onTestFinished(end)
  const page = await electron.firstWindow({ timeout: 60_000 })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  // Registered last, so run first: before the app is ended and its folder removed.
  onTestFinished(async ({ task }) => {
    if (task.result?.state !== 'fail') return
    const name = task.name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)
    mkdirSync(results, { recursive: true })
    if (!page.isClosed()) await page.screenshot({ path: join(results, `${name}.png`), timeout: 5_000 }).catch(() => {})
    const log = join(userData, 'logs', 'main.ndjson')
    writeFileSync(join(results, `${name}.log`), [...errors, existsSync(log) ? readFileSync(log, 'utf8') : 'no log'].join('\n'))
  })
  return { electron, page, userData, errors, close: () => closeApp(electron) }
}

/** Longer than the engine's time limit for closing its project; an app that asks about a running job does not end at all. */
const endMs = 20_000

async function closeApp(electron: ElectronApplication): Promise<void> {
  const ended = new Promise<boolean>((done) => {
    electron.process().once('exit', () => done(true))
    setTimeout(() => done(false), endMs).unref()
  })
  await electron.evaluate(({ app }) => app.quit()).catch(() => {})
  if (!(await ended)) throw new Error('The app did not end when it was told to.')
}

/** The page's name in its ready attribute, or null while it is not usable. */
export const readyPage = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.documentElement.dataset['ready'] ?? null)

/** Waits until the named page (any, when left out) says it is usable. */
export async function untilReady(page: Page, name?: string, timeoutMs = 30_000): Promise<void> {
  const poll = expect.poll(() => readyPage(page).catch(() => null), { timeout: timeoutMs, interval: 50 })
  await (name === undefined ? poll.not.toBeNull() : poll.toBe(name))
}

/** Process ids of the engine and of running trainers, whichever kind of process they are. */
export async function helperPids(electron: ElectronApplication, kind: 'engine' | 'trainer'): Promise<number[]> {
  const metrics = await electron.evaluate(({ app }) =>
    app.getAppMetrics().map(({ pid, name, serviceName }) => ({ pid, names: [name, serviceName] })),
  )
  const utilities = metrics.filter(({ names }) => names.includes(`Latiscope ${kind}`)).map(({ pid }) => pid)
  return [...utilities, ...nodeChildren(electron.process().pid ?? 0, `${kind}.js`)]
}

function nodeChildren(parent: number, entry: string): number[] {
  if (process.platform !== 'linux') return []
  return childrenOf(parent).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        .split('\0')
        .some((word) => word.endsWith(`/${entry}`))
    } catch {
      return false
    }
  })
}

/** Direct children of a process (Linux). */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]) === parent
      } catch {
        return false
      }
    })
}

/** Whether a process still runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** A minimal PNG, for the file that only pretends to hold cells. */
export function writePng(path: string): void {
  const base64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, Buffer.from(base64, 'base64'))
}
