// What the benchmark "sae-step" times, in a process of its own: `<bundle> d n k batch repeats` prints one JSON line.
// All kinds of steps and the encoder's product alone take turns, so that all meet the same machine.
import { seededRandom } from '../../src/main/base/random'
import { loadBackend } from '../../src/main/trainer/backend'
import { chooseStep } from '../../src/main/trainer/choose-step'
import { DeadLatents } from '../../src/main/trainer/dead-latents'
import { levelsOf } from '../../src/main/science/nested-levels'
import { measurePoint, RunningThreshold, watchedSample } from '../../src/main/trainer/live-metrics'
import { initialModel, startOf } from '../../src/main/trainer/model'
import { NativeStep } from '../../src/main/trainer/native-step'
import { rowsInMemory } from '../../src/main/trainer/rows'
import { nativeMath } from '../../src/main/trainer/native-math'
import { TensorOps } from '../../src/main/trainer/tensor-ops'

const [d, n, k, batch, repeats] = process.argv.slice(2, 7).map(Number)
const warmUp = 3

const log = (line) => process.stderr.write(`${line}\n`)
const backend = loadBackend(log)
const { binding, info } = backend
if (binding === null) throw new Error(info.problem?.message ?? 'TensorFlow is missing')

const random = seededRandom(0)
const values = Float32Array.from({ length: 4 * batch * d }, () => random.normal())
const batchAt = (at) => values.slice((at % 4) * batch * d, ((at % 4) + 1) * batch * d)
const settings = (rule, arch = rule) => ({
  ...{ rule, k, auxCoefficient: 1 / 32, auxK: Math.floor(d / 2), variance: d },
  prefixes: levelsOf(arch, n),
})
const start = initialModel(n, d, 0)
/** ReLU that begins with 5 % of its latents on, and at a weight of 0 stays there. */
const reluDensity = 0.05
const reluSettings = {
  ...{ rule: 'relu', form: 'norm-weighted', variance: d, k: Math.round(reluDensity * n) },
  ...{ l1: 1e-6, warmUpSteps: 0, steps: 1000, bandwidth: 0.3 },
}
const reluStart = startOf({ arch: 'relu', l1Form: 'norm-weighted', latents: n, seed: 0 }, d)
const tenthDead = Int32Array.from({ length: Math.floor(n / 10) }, (_, at) => at * 10)

/** A step with all that training does around it; `best` holds its fastest repeat and what its parts took. */
function contender(step, forcedDead) {
  const dead = new DeadLatents(n, 50 * batch)
  const running = new RunningThreshold()
  const mine = { step, running, best: { ms: Infinity, parts: {} } }
  mine.turn = (at) => {
    const rows = batchAt(at)
    for (const part of Object.keys(step.times ?? {})) step.times[part] = 0
    const from = performance.now()
    const report = step.learn(rows, 1e-4, forcedDead ?? dead.list())
    dead.update(report.fired, batch)
    running.add(report.smallest)
    const ms = performance.now() - from
    if (at >= warmUp && ms < mine.best.ms) mine.best = { ms, parts: { ...step.times } }
  }
  return mine
}

const chosen = (rule, arch) => chooseStep(backend, start, settings(rule, arch), batch, log)
const main = chosen('batchtopk')
const ours = contender(main.step)
const reviving = contender(chosen('batchtopk').step, tenthDead)
const topk = contender(chosen('topk').step)
const nested = contender(chosen('batchtopk', 'matryoshka').step)
const relu = contender(chooseStep(backend, reluStart, reluSettings, batch, log).step)
const plain = contender(new NativeStep(binding, start, settings('batchtopk')))

const ops = new TensorOps(binding)
const left = ops.floats(values.slice(0, batch * d), [batch, d])
const right = ops.floats(start.encoder, [n, d])
let gemmMs = Infinity
function product() {
  const from = performance.now()
  ops.scope(() => ops.matMul(left, right, false, true))
  gemmMs = Math.min(gemmMs, performance.now() - from)
}

for (let at = 0; at < warmUp + repeats; at++) {
  // As often as any step, or its best would have had more chances.
  product()
  for (const { turn } of [ours, reviving, topk, nested, relu, plain]) turn(at)
}

const rows = rowsInMemory(values, d)
const all = Uint32Array.from({ length: rows.count }, (_, row) => row)
const sample = watchedSample(rows, all, all, n, 0)
const math = nativeMath(binding)
let pointMs = Infinity
for (let at = 0; at < warmUp; at++) {
  const from = performance.now()
  await measurePoint(
    math,
    ours.step.model(),
    sample,
    { kind: 'threshold', threshold: ours.running.value },
    tenthDead,
    async () => {},
  )
  pointMs = Math.min(pointMs, performance.now() - from)
}
for (const { step } of [ours, reviving, topk, nested, relu, plain]) step.dispose()
const measured = {
  ...ours.best,
  step: main.words,
  withDeadMs: reviving.best.ms,
  auxMs: reviving.best.parts.auxiliary,
  topkMs: topk.best.ms,
  matryoshkaMs: nested.best.ms,
  reluMs: relu.best.ms,
  plainMs: plain.best.ms,
  pointMs,
  gemmMs,
  version: info.version,
  threads: info.threads,
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
