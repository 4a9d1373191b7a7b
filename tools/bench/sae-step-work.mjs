// What the benchmark "sae-step" times, in a process of its own: `<bundle> d n k batch rule repeats` prints one JSON line.
import { seededRandom } from '../../src/main/base/random'
import { loadBackend } from '../../src/main/trainer/backend'
import { DeadLatents } from '../../src/main/trainer/dead-latents'
import { measurePoint, RunningThreshold, watchedSample } from '../../src/main/trainer/live-metrics'
import { initialModel } from '../../src/main/trainer/model'
import { NativeStep } from '../../src/main/trainer/native-step'
import { nativeMath, TensorOps } from '../../src/main/trainer/tensor-ops'

const [d, n, k, batch] = process.argv.slice(2, 6).map(Number)
const rule = process.argv[6]
const repeats = Number(process.argv[7])
const warmUp = 3

const { binding, info } = loadBackend((line) => process.stderr.write(`${line}\n`))
if (binding === null) throw new Error(info.problem?.message ?? 'TensorFlow is missing')

const random = seededRandom(0)
const values = Float32Array.from({ length: 4 * batch * d }, () => random.normal())
const batchAt = (at) => values.slice((at % 4) * batch * d, ((at % 4) + 1) * batch * d)
const step = new NativeStep(binding, initialModel(n, d, 0), {
  rule,
  k,
  auxCoefficient: 1 / 32,
  auxK: Math.floor(d / 2),
  variance: d,
})
const dead = new DeadLatents(n, 50 * batch)
const running = new RunningThreshold()

/** Milliseconds of one step with all that training does around it. */
function oneStep(at, forcedDead) {
  const rows = batchAt(at)
  const start = performance.now()
  const report = step.learn(rows, 1e-4, forcedDead ?? dead.list())
  dead.update(report.fired, batch)
  running.add(report.smallest)
  return performance.now() - start
}

/** The fastest repeat, and what its parts took. */
function best(forcedDead) {
  let fastest = { ms: Infinity, parts: {} }
  for (let at = 0; at < warmUp; at++) oneStep(at, forcedDead)
  for (let at = 0; at < repeats; at++) {
    for (const part of Object.keys(step.times)) step.times[part] = 0
    const ms = oneStep(at, forcedDead)
    if (ms < fastest.ms) fastest = { ms, parts: { ...step.times } }
  }
  return fastest
}

const alive = best(undefined)
const tenthDead = Int32Array.from({ length: Math.floor(n / 10) }, (_, at) => at * 10)
const reviving = best(tenthDead)

const rows = { values, count: 4 * batch, dims: d }
const all = Uint32Array.from({ length: rows.count }, (_, row) => row)
const sample = watchedSample(rows, all, all, n, 0)
const inference = rule === 'topk' ? { kind: 'topk', k } : { kind: 'threshold', threshold: running.value }
const math = nativeMath(binding)
let pointMs = Infinity
for (let at = 0; at < warmUp; at++) {
  const start = performance.now()
  await measurePoint(math, step.model(), sample, inference, async () => {})
  pointMs = Math.min(pointMs, performance.now() - start)
}

const ops = new TensorOps(binding)
const left = ops.floats(values.slice(0, batch * d), [batch, d])
const right = ops.floats(step.model().encoder, [n, d])
let gemmMs = Infinity
for (let at = 0; at < repeats + warmUp; at++) {
  const start = performance.now()
  ops.scope(() => ops.matMul(left, right, false, true))
  gemmMs = Math.min(gemmMs, performance.now() - start)
}
process.stdout.write(
  `${JSON.stringify({ ...alive, withDeadMs: reviving.ms, auxMs: reviving.parts.auxiliary, pointMs, gemmMs, version: info.version, threads: info.threads })}\n`,
)
