// What the benchmark "activations" times, in a process of its own: `<bundle> rows d n k repeats` prints one JSON line. Rows are
// encoded to sparse rows (CSR) as they are after a training, by the k largest of each.
import { seededRandom } from '../../src/main/base/random'
import { loadBackend } from '../../src/main/trainer/backend'
import { encodeRows } from '../../src/main/trainer/encode'
import { initialModel } from '../../src/main/trainer/model'
import { nativeMath } from '../../src/main/trainer/native-math'
import { rowsInMemory } from '../../src/main/trainer/rows'

const [count, d, n, k, repeats] = process.argv.slice(2, 7).map(Number)
const { binding, info } = loadBackend((line) => process.stderr.write(`${line}\n`))
if (binding === null) throw new Error(info.problem?.message ?? 'TensorFlow is missing')

const random = seededRandom(0)
const block = Float32Array.from({ length: 1000 * d }, () => random.normal())
const values = new Float32Array(count * d)
for (let at = 0; at < values.length; at += block.length)
  values.set(block.subarray(0, Math.min(block.length, values.length - at)), at)
const rows = rowsInMemory(values, d)
const model = initialModel(n, d, 0)
const math = nativeMath(binding)
let ms = Infinity
let active = 0
for (let repeat = 0; repeat < repeats; repeat++) {
  active = 0
  const from = performance.now()
  await encodeRows(
    math,
    model,
    rows,
    { kind: 'topk', k },
    async () => {},
    (chunk) => {
      active += chunk.indices.length
    },
  )
  ms = Math.min(ms, performance.now() - from)
}
process.stdout.write(`${JSON.stringify({ ms, active, version: info.version, threads: info.threads })}\n`)
