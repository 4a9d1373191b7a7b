// A million cells × 512 dimensions with 16,384 features: a short training with everything that follows stays within 8 GB,
// engine and trainer together. LATISCOPE_LARGE_ROWS makes it smaller, LATISCOPE_LARGE_STEPS longer.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Run, RunEstimate } from '@contract'
import { seededRandom } from '../../src/main/base/random'
import { createProject } from '../../src/main/engine/project/project'
import { smallImport, store } from '../engine/imported-data'
import { cliAnswer, hasNative, startCli } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'

const rows = Number(process.env['LATISCOPE_LARGE_ROWS'] ?? 1_000_000)
const steps = process.env['LATISCOPE_LARGE_STEPS'] ?? '60'
const dims = 512
const settings = ['--arch', 'batchtopk', '--latents', '16384', '--k', '32', '--steps', steps]

/** An hour on a machine that does nothing else; three times that where others share it. */
const timeoutMs = 3 * 3_600_000

/** Each row is one of 4,096 random ones plus half of another: quick to make, and with something to find. */
function makeRows(): Float32Array {
  const random = seededRandom(1)
  const table = Float32Array.from({ length: 4096 * dims }, () => random.normal())
  const values = new Float32Array(rows * dims)
  for (let row = 0; row < rows; row++) {
    const [one, other] = [random.below(4096) * dims, random.below(4096) * dims]
    for (let dim = 0; dim < dims; dim++)
      values[row * dims + dim] = (table[one + dim] as number) + 0.5 * (table[other + dim] as number)
  }
  return values
}

async function writeProject(file: string): Promise<void> {
  const project = createProject(file, 'Large', '0')
  const cellIds = Array.from({ length: rows }, (_, cell) => `c${cell}`)
  const codes = Int32Array.from({ length: rows }, (_, cell) => cell % 20)
  const levels = Array.from({ length: 20 }, (_, level) => `group ${level}`)
  const column = { name: 'type', kind: 'category', role: 'cell-type', levels, colours: null, codes, numbers: null, texts: null }
  const representation = { key: 'obsm/X', dims, values: makeRows() }
  await store(project, { ...smallImport(), cellIds, representation, expression: null, columns: [column as never], map: null })
  project.close()
}

/** Most memory a process has ever held, by the command it runs, of the children of `parent`. */
function peaks(parent: number): Map<string, number> {
  const found = new Map<string, number>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      if (Number(/PPid:\s+(\d+)/.exec(status)?.[1]) !== parent) continue
      const name = /(engine|trainer)\.js/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1]
      if (name) found.set(name, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    } catch {
      // It ended in this moment.
    }
  }
  return found
}

it.skipIf(!hasNative || process.platform !== 'linux')(
  `${rows} cells × ${dims} with 16,384 features stay within 8 GB, and the estimate holds (needs the native TensorFlow, Linux)`,
  async () => {
    const folder = temporaryFolder()
    process.env['LATISCOPE_CACHE'] = join(folder, 'cache')
    const file = join(folder, 'large.latiscope')
    await writeProject(file)
    const estimate = await cliAnswer<RunEstimate & Record<string, unknown>>('train', file, ...settings, '--estimate')
    const most = new Map<string, number>()
    const running = startCli('train', file, ...settings)
    const startedAt = performance.now()
    const watch = setInterval(() => {
      for (const [name, bytes] of peaks(running.process.pid as number)) most.set(name, Math.max(bytes, most.get(name) ?? 0))
    }, 250)
    const told: [number, number][] = []
    running.process.stderr?.on('data', (text: string) => {
      for (const [, left] of text.matchAll(/"secondsLeft":([\d.]+)/g)) told.push([performance.now() - startedAt, Number(left)])
    })
    const { code, json, stderr } = await running.ended
    clearInterval(watch)
    const seconds = (performance.now() - startedAt) / 1e3
    expect(code, stderr.slice(-2000)).toBe(0)
    const total = [...most.values()].reduce((sum, bytes) => sum + bytes, 0)
    const errors = told.flatMap(([at, left]) => {
      const really = seconds - at / 1e3
      return at / 1e3 > 0.05 * seconds && really > 0.1 * seconds ? [Math.abs(left - really) / really] : []
    })
    process.stderr.write(
      `${Math.round(seconds)} s (estimated ${Math.round(estimate.seconds)}), ${JSON.stringify([...most])} = ${(total / 1e9).toFixed(2)} GB ` +
        `(estimated ${(estimate.memoryBytes / 1e9).toFixed(2)}), time left off by ${Math.max(...errors).toFixed(2)} at most, ` +
        `${(errors.toSorted((a, b) => a - b)[errors.length >> 1] ?? 0).toFixed(2)} usually; ${(json as unknown as Run).stepsPerSecond} steps a second\n`,
    )
    expect(total).toBeLessThan(8e9)
    expect(total).toBeLessThan(1.25 * estimate.memoryBytes)
  },
  timeoutMs,
)
