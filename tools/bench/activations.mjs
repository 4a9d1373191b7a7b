// Benchmark "activations": seconds to encode 100,000 cells to sparse rows, beside PyTorch where it is installed.
import { execFile, execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from './bundle.mjs'

const repository = resolve(import.meta.dirname, '../..')
const runFile = promisify(execFile)
/** The Python that has the peers. */
const python = process.env.LATISCOPE_PYTHON ?? 'python3'

const cases = [
  { name: '100000 x 512, n 4096', rows: 100_000, d: 512, n: 4096, k: 32, repeats: 3 },
  { name: '100000 x 512, n 16384', rows: 100_000, d: 512, n: 16_384, k: 32, repeats: 1 },
]

/** One row per case. */
export async function run() {
  const work = await bundle('tools/bench/activations-work.mjs', 'activations-work')
  const resources = process.env.LATISCOPE_RESOURCES ?? resolve(repository, 'resources')
  const hasPeer = canImportTorch()
  const rows = []
  for (const { name, ...shape } of cases) {
    const numbers = Object.values(shape).map(String)
    const { stdout } = await runFile(process.execPath, [work, ...numbers], {
      env: { ...process.env, LATISCOPE_RESOURCES: resources },
    })
    const ours = JSON.parse(stdout)
    const peer = hasPeer ? await timePeer(numbers) : null
    rows.push({
      name: 'activations',
      case: name,
      ours: rounded(ours.ms / 1e3),
      peer: peer === null ? null : rounded(peer.seconds),
      peerName: peer === null ? null : `PyTorch ${peer.torch}, chunks of 1,024`,
      unit: 's',
      detail: { cellsPerSecond: Math.round(shape.rows / (ours.ms / 1e3)), threads: ours.threads, tensorflow: ours.version },
    })
  }
  return rows
}

async function timePeer(numbers) {
  const script = join(import.meta.dirname, 'activations-torch.py')
  const { stdout } = await runFile(python, [script, ...numbers, String(availableParallelism())])
  return JSON.parse(stdout)
}

function canImportTorch() {
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const rounded = (value) => Math.round(value * 1000) / 1000
