// Benchmark "import": seconds from the command to stored data for a generated file (50,000 cells × 20,000 genes, 7 % filled; with
// `--large` also one of 6 GB), its megabytes per second and the most memory engine and reader held; beside anndata's read and scanpy's
// normalize_total and log1p on the same file, in the same run, where a Python has them (LATISCOPE_BENCH_PYTHON, else python3).
import { execFile, spawn } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { writeCells } from './import-file.mjs'

const repository = resolve(import.meta.dirname, '../..')
const runFile = promisify(execFile)
const mebibyte = 1024 * 1024
const genes = 20_000
const density = 0.07
const cases = [
  { name: '50000x20000', cells: 50_000, runs: 3, choice: [], pca: false, large: false },
  { name: '50000x20000 pca', cells: 50_000, runs: 1, choice: ['--representation', 'pca'], pca: true, large: false },
  { name: '6GB', cells: 525_000, runs: 1, choice: [], pca: false, large: true },
]

/** One row per case; `ours` and `peer` are medians. What the peers' modules take to load is not counted. */
export async function run({ large = false } = {}) {
  const python = process.env.LATISCOPE_BENCH_PYTHON ?? 'python3'
  const folder = await mkdtemp(join(process.env.LATISCOPE_BENCH_FOLDER ?? tmpdir(), 'latiscope-bench-'))
  try {
    const hasPeers = await canImport(python, 'scanpy')
    const rows = []
    for (const one of cases) {
      if (one.large && !large) continue
      const file = join(folder, 'bench.h5ad')
      const stored = await writeCells(file, { cells: one.cells, genes, density, representation: !one.pca })
      rows.push(await measure(one, { file, stored }, folder, hasPeers ? python : null))
      await rm(file)
    }
    return rows
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measure(one, { file, stored }, folder, python) {
  const ours = []
  const peers = []
  // In turn, so that both meet the machine in the same state.
  for (let at = 0; at < one.runs; at++) {
    ours.push(await importOnce(file, folder, one.choice))
    if (python) peers.push(await peersOnce(python, file, one.pca))
  }
  const best = middle(ours, (each) => each.seconds)
  const peer = peers.length > 0 ? middle(peers, total) : null
  const megabytes = statSync(file).size / 1e6
  return {
    name: 'import',
    case: one.name,
    ours: rounded(best.seconds),
    peer: peer && rounded(total(peer)),
    peerName:
      peer &&
      `anndata ${peer.versions.anndata}, scanpy ${peer.versions.scanpy}: read, normalise, log1p${one.pca ? ', variable genes, PCA' : ''}`,
    unit: 's',
    detail: {
      megabytes: Math.round(megabytes),
      storedValues: stored,
      megabytesPerSecond: Math.round(megabytes / best.seconds),
      peakMiB: Math.round(Math.max(...ours.map((each) => each.peakBytes)) / mebibyte),
      projectMegabytes: Math.round(best.projectBytes / 1e6),
      phases: best.phases,
      ...(peer && { peerPeakMiB: Math.round(peer.peakBytes / mebibyte), peerSteps: peer.seconds }),
    },
  }
}

/** The whole command, from its start to its end. */
async function importOnce(file, folder, choice) {
  const cli = join(repository, 'out', 'main', 'cli.js')
  const project = join(folder, 'bench.latiscope')
  await rm(project, { force: true })
  await runFile(process.execPath, [cli, 'new', project, '--json'])
  const began = performance.now()
  const child = spawn(process.execPath, [cli, 'import', project, file, ...choice, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const peaks = new Map()
  const looking = setInterval(() => lookAtMemory(child.pid, peaks), 25)
  const phases = readPhases(child.stderr)
  let answer = ''
  child.stdout.on('data', (text) => (answer += text))
  const code = await new Promise((done) => child.once('close', done))
  const seconds = (performance.now() - began) / 1000
  clearInterval(looking)
  if (code !== 0) throw new Error(`The import ended with ${code}: ${answer}`)
  return {
    seconds,
    peakBytes: [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0),
    projectBytes: statSync(project).size,
    phases: phases(),
  }
}

/** Seconds of each phase the command tells about. */
function readPhases(stream) {
  const seconds = {}
  let phase = 'starting'
  let since = performance.now()
  const end = (next) => {
    const now = performance.now()
    seconds[phase] = rounded((seconds[phase] ?? 0) + (now - since) / 1000)
    phase = next
    since = now
  }
  stream.setEncoding('utf8').on('data', (text) => {
    for (const [, next] of text.matchAll(/"phase":"([^"]+)"/g)) if (next !== phase) end(next)
  })
  return () => {
    end('')
    return seconds
  }
}

/** The peaks of engine and reader of one command (Linux only). */
function lookAtMemory(host, peaks) {
  if (process.platform !== 'linux') return
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const helper = /(engine|reader)\.js/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1]
      if (!helper) continue
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      if (Number(/PPid:\s+(\d+)/.exec(status)?.[1]) !== host) continue
      const bytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
      peaks.set(helper, Math.max(peaks.get(helper) ?? 0, bytes))
    } catch {
      // It ended between two looks.
    }
  }
}

async function peersOnce(python, file, pca) {
  const script = join(import.meta.dirname, 'import-peers.py')
  const { stdout } = await runFile(python, [script, file, ...(pca ? ['--pca'] : [])], { maxBuffer: 1e8 })
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

const total = ({ seconds }) => Object.values(seconds).reduce((sum, each) => sum + each, 0)

function middle(values, key) {
  return [...values].sort((a, b) => key(a) - key(b))[Math.floor(values.length / 2)]
}

async function canImport(python, name) {
  try {
    await runFile(python, ['-c', `import ${name}`])
    return true
  } catch {
    return false
  }
}

function rounded(value) {
  return Math.round(value * 1000) / 1000
}
