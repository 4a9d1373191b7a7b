// Benchmark "start": milliseconds from launching the built app to a usable start page (its ready attribute), and the most
// memory all its processes together held meanwhile. Median of several starts with the same user folder, after one that warms up.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron } from 'playwright-core'

const repository = resolve(import.meta.dirname, '../..')
const measuredStarts = 7
const pollMs = 15
const mebibyte = 1024 * 1024

/** Two rows: the start (ms) and the memory (MiB). There is no peer to compare with. */
export async function run({ env = process.env } = {}) {
  const executablePath = env.LATISCOPE_ELECTRON
  if (!executablePath) throw new Error('No Electron: run "npm run setup".')
  const userData = mkdtempSync(join(tmpdir(), 'latiscope-bench-'))
  try {
    const warmUp = await attachedStart(executablePath, userData, env)
    const starts = []
    for (let start = 0; start < measuredStarts; start++) starts.push(await attachedStart(executablePath, userData, env))
    return rows(warmUp, starts)
  } finally {
    rmSync(userData, { recursive: true, force: true, maxRetries: 5 })
  }
}

function rows(warmUp, starts) {
  const times = starts.map(({ ms }) => ms)
  const memory = starts.map(({ peakBytes }) => peakBytes).filter((bytes) => bytes !== null)
  const shared = { peer: null, peerName: null }
  const time = {
    name: 'start',
    case: 'usable window',
    ours: Math.round(median(times)),
    ...shared,
    unit: 'ms',
    detail: {
      fastest: Math.round(Math.min(...times)),
      slowest: Math.round(Math.max(...times)),
      firstEver: Math.round(warmUp.ms),
      starts: starts.length,
      electron: warmUp.electron,
    },
  }
  if (memory.length === 0) return [time]
  const peak = {
    name: 'start',
    case: 'peak memory',
    ours: Math.round(median(memory) / mebibyte),
    ...shared,
    unit: 'MiB',
    detail: { processes: Math.max(...starts.map(({ processes }) => processes)), counted: 'proportional share of all processes' },
  }
  return [time, peak]
}

/** Now and then Playwright cannot attach to a window that is just being made; such a start measures nothing and is repeated. */
async function attachedStart(executablePath, userData, env) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await oneStart(executablePath, userData, env)
    } catch (error) {
      if (attempt === 3 || !/Timeout .* exceeded/.test(String(error))) throw error
    }
  }
}

async function oneStart(executablePath, userData, env) {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const began = performance.now()
  const electron = await _electron.launch({
    executablePath,
    args: [env.LATISCOPE_APP ?? repository, `--user-data-dir=${userData}`, ...root],
    env: { ...env, LATISCOPE_APP: env.LATISCOPE_APP ?? repository },
    timeout: 10_000,
  })
  const mainProcess = electron.process()
  try {
    const page = await electron.firstWindow({ timeout: 60_000 })
    while ((await readyPage(page)) === null) {
      if (performance.now() - began > 60_000) throw new Error('The start page was not usable within a minute.')
      await new Promise((done) => setTimeout(done, pollMs))
    }
    const ms = performance.now() - began
    const version = await electron.evaluate(() => process.versions.electron)
    return { ms, electron: version, ...memoryOf(mainProcess.pid) }
  } finally {
    const ended = new Promise((done) => mainProcess.once('exit', done))
    await electron.evaluate(({ app }) => app.quit()).catch(() => mainProcess.kill('SIGKILL'))
    await ended
  }
}

const readyPage = (page) => page.evaluate(() => document.documentElement.dataset.ready ?? null).catch(() => null)

/** The most memory the app's processes held so far, pages they share counted once (Linux only; null elsewhere). */
function memoryOf(mainPid) {
  if (process.platform !== 'linux') return { peakBytes: null, processes: 0 }
  const parents = new Map(readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [[Number(name), parentOf(name)]] : [])))
  const belongs = (pid) => pid === mainPid || (parents.has(pid) && parents.get(pid) > 1 && belongs(parents.get(pid)))
  const pids = [...parents.keys()].filter(belongs)
  return { peakBytes: pids.reduce((sum, pid) => sum + proportionalPeak(pid), 0), processes: pids.length }
}

function parentOf(name) {
  try {
    return Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** A process's share of memory now, raised by how far its resident size once was above the present one. */
function proportionalPeak(pid) {
  try {
    const kibibytes = (file, field) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1] ?? 0)
    const above = kibibytes('status', 'VmHWM') - kibibytes('status', 'VmRSS')
    return (kibibytes('smaps_rollup', 'Pss') + Math.max(0, above)) * 1024
  } catch {
    return 0
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
