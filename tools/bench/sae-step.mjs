// Benchmark "sae-step": milliseconds of one training step at the three reference shapes, beside PyTorch where it is
// installed. Both sides are run in turn on the same machine, because only the ratio means anything.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from './bundle.mjs'

const repository = resolve(import.meta.dirname, '../..')
const peerScript = resolve(repository, '../shared/bench/sae_torch.py')
const runFile = promisify(execFile)
/** The Python that has the peers. */
const python = process.env.LATISCOPE_PYTHON ?? 'python3'

const cases = [
  { name: 'A', d: 512, n: 4096, k: 32, batch: 1024, repeats: 40 },
  { name: 'B', d: 512, n: 16_384, k: 32, batch: 1024, repeats: 12 },
  { name: 'C', d: 50, n: 1024, k: 16, batch: 512, repeats: 100 },
]

/**
 * For each shape: `A`, the best BatchTopK step with AuxK watching for dead latents; `A, 10 % dead`, `A, hierarchical` and `A, ReLU
 * at 5 %` beside it. All include their share of the live metrics.
 */
export async function run({ env = process.env } = {}) {
  const work = await bundle('tools/bench/sae-step-work.mjs', 'sae-step-work')
  const hasPeer = existsSync(peerScript) && canImportTorch()
  const rows = []
  for (const shape of cases) {
    const ours = await timeOurs(work, shape)
    const dense = hasPeer ? await timePeer(shape, 'dense-batch') : null
    const relu = hasPeer ? await timePeer(shape, 'dense-relu') : null
    rows.push(row(shape, ours, dense), ...others(shape, ours, dense, relu))
    if (shape.name === 'A') rows.push(...(await insideElectron(env.LATISCOPE_ELECTRON, work, shape, ours)))
  }
  return rows
}

/** The same step computed by Electron's own Node, as the app computes it, where Electron is installed. */
async function insideElectron(electron, work, shape, ours) {
  if (!electron) return []
  const inside = await timeOurs(work, shape, electron)
  const total = inside.ms + metricsOf(inside)
  const gemmRatio = rounded(total / inside.gemmMs)
  const toNode = rounded(total / (ours.ms + metricsOf(ours)))
  const detail = { gemmRatio, gemmMs: rounded(inside.gemmMs), toNode, step: inside.step }
  return [
    {
      name: 'sae-step',
      case: `${shape.name}, in Electron`,
      ours: rounded(total),
      peer: null,
      peerName: null,
      unit: 'ms',
      detail,
    },
  ]
}

/** The other kinds of steps at a shape. PyTorch's hierarchical and reviving steps cost more than its plain one, which stands in. */
function others({ name }, ours, dense, relu) {
  const metricsMs = metricsOf(ours)
  const other = (what, ms, peer, peerName, detail = {}) => ({
    name: 'sae-step',
    case: `${name}, ${what}`,
    ours: rounded(ms + metricsMs),
    peer: peer?.step_ms ?? null,
    peerName: peer ? `PyTorch ${peer.torch}, ${peerName}` : null,
    unit: 'ms',
    detail: { gemmRatio: rounded((ms + metricsMs) / ours.gemmMs), ...detail },
  })
  const perStep = (ms) => ({ batchTopKRatio: rounded(ms / ours.ms) })
  return [
    other('10 % dead', ours.withDeadMs, dense, 'dense BatchTopK', { auxMs: rounded(ours.auxMs) }),
    other('hierarchical', ours.matryoshkaMs, dense, 'dense BatchTopK', perStep(ours.matryoshkaMs)),
    other('ReLU at 5 %', ours.reluMs, relu, 'dense ReLU + L1'),
  ]
}

/** Training spends at most this share of its time on live metrics; short runs get a point every 1/200 of their steps. */
const shareForPoints = 0.02
const stepsBetweenPoints = 15

const metricsOf = (ours) => Math.min(ours.pointMs / stepsBetweenPoints, shareForPoints * ours.ms)

function row(shape, ours, peer) {
  const metricsMs = metricsOf(ours)
  const total = ours.ms + metricsMs
  return {
    name: 'sae-step',
    case: shape.name,
    ours: rounded(total),
    peer: peer?.step_ms ?? null,
    peerName: peer ? `PyTorch ${peer.torch}, dense BatchTopK` : null,
    unit: 'ms',
    detail: {
      gemmMs: rounded(ours.gemmMs),
      gemmRatio: rounded(total / ours.gemmMs),
      parts: {
        ...Object.fromEntries(Object.entries(ours.parts).map(([part, ms]) => [part, rounded(ms)])),
        metrics: rounded(metricsMs),
      },
      topkMs: rounded(ours.topkMs),
      pointMs: rounded(ours.pointMs),
      plainMs: rounded(ours.plainMs),
      step: ours.step,
      threads: ours.threads,
      tensorflow: ours.version,
    },
  }
}

/** `engine`: the program that runs the work; Electron's behaves as Node. */
async function timeOurs(work, { d, n, k, batch, repeats }, engine = process.execPath) {
  const resources = process.env.LATISCOPE_RESOURCES ?? resolve(repository, 'resources')
  const { stdout } = await runFile(engine, [work, d, n, k, batch, repeats].map(String), {
    env: { ...process.env, LATISCOPE_RESOURCES: resources, ELECTRON_RUN_AS_NODE: '1' },
  })
  return JSON.parse(stdout)
}

async function timePeer({ d, n, k, batch, repeats }, style) {
  const numbers = Object.entries({ d, n, k, batch, repeats, threads: availableParallelism() }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ])
  const { stdout } = await runFile(python, [peerScript, '--style', style, ...numbers])
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

function rounded(value) {
  return Math.round(value * 100) / 100
}
