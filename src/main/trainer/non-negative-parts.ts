// The control by non-negative parts: NMF of the data shifted so that every dimension starts at 0 on the training rows,
// with as many parts as the model has latents on per cell. Hierarchical alternating least squares (Cichocki and Phan
// 2009) on a sample; then every row is fitted with the parts held fixed. Deterministic for one seed.
import type { RunControls } from '@contract'
import { seededRandom } from '../base/random'
import type { DenseMath } from './dense-math'
import { forEachBlock, type Pause } from './encode'
import { ExplainedVariance } from './explained-variance'
import type { Rows } from './rows'

const sampledRows = 8192
const rounds = 150
/** Coordinate sweeps with which a row is fitted to fixed parts. */
const fittingSweeps = 40
const nmfStream = 15
const tiny = 1e-12

export async function nmfControl(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  train: Uint32Array,
  k: number,
  seed: number,
  pause: Pause,
): Promise<NonNullable<RunControls['nmf']>> {
  const parts = Math.min(k, rows.dims)
  const lowest = lowestOf(rows, train)
  const sample = seededRandom(seed, nmfStream).sample(train, sampledRows)
  const shapes = await learnParts(math, shifted(rows, sample, lowest), sample.length, rows.dims, parts, seed, pause)
  const explainedVariance = await score(math, rows, isHeldOut, shapes, parts, lowest, pause)
  return { parts, cells: sample.length, explainedVariance }
}

function lowestOf(rows: Rows, train: Uint32Array): Float32Array {
  const { dims } = rows
  const lowest = new Float32Array(dims).fill(Infinity)
  for (const row of train) {
    const values = rows.read(row, 1)
    for (let dim = 0; dim < dims; dim++)
      if ((values[dim] as number) < (lowest[dim] as number)) lowest[dim] = values[dim] as number
  }
  return lowest
}

function shifted(rows: Rows, sample: Uint32Array, lowest: Float32Array): Float32Array {
  const { dims } = rows
  const table = new Float32Array(sample.length * dims)
  sample.forEach((row, at) => {
    const values = rows.read(row, 1)
    for (let dim = 0; dim < dims; dim++) table[at * dims + dim] = Math.max(0, (values[dim] as number) - (lowest[dim] as number))
  })
  return table
}

/** Parts as rows, [parts, dims]. */
async function learnParts(
  math: DenseMath,
  table: Float32Array,
  rows: number,
  dims: number,
  parts: number,
  seed: number,
  pause: Pause,
): Promise<Float32Array> {
  const random = seededRandom(seed, nmfStream + 1)
  const mean = table.reduce((sum, value) => sum + value, 0) / table.length
  const start = Math.sqrt(mean / parts)
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => start * Math.abs(random.normal()))
  const shapes = draw(parts * dims)
  const strengths = draw(parts * rows)
  const held = math.hold(table, rows, dims)
  try {
    for (let round = 0; round < rounds; round++) {
      await pause()
      const heldShapes = math.hold(shapes.slice(), parts, dims)
      const onShapes = math.multiply(heldShapes, held, false, true) // parts × rows
      math.release(heldShapes)
      improve(strengths, onShapes, gram(shapes, parts, dims), parts, rows)
      const heldStrengths = math.hold(strengths.slice(), parts, rows)
      const onStrengths = math.multiply(heldStrengths, held, false, false) // parts × dims
      math.release(heldStrengths)
      improve(shapes, onStrengths, gram(strengths, parts, rows), parts, dims)
    }
  } finally {
    math.release(held)
  }
  return shapes
}

/** One sweep of least squares over the rows of `factor` (parts × length), each held non-negative. */
function improve(factor: Float32Array, target: Float32Array, products: Float64Array, parts: number, length: number): void {
  const fit = new Float64Array(length)
  for (let part = 0; part < parts; part++) {
    const own = Math.max(tiny, products[part * parts + part] as number)
    for (let at = 0; at < length; at++) fit[at] = target[part * length + at] as number
    for (let other = 0; other < parts; other++) {
      if (other === part) continue
      const weight = products[part * parts + other] as number
      for (let at = 0; at < length; at++) fit[at] = (fit[at] as number) - weight * (factor[other * length + at] as number)
    }
    for (let at = 0; at < length; at++) factor[part * length + at] = Math.max(tiny, (fit[at] as number) / own)
  }
}

function gram(factor: Float32Array, parts: number, length: number): Float64Array {
  const out = new Float64Array(parts * parts)
  for (let a = 0; a < parts; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0
      for (let at = 0; at < length; at++) sum += (factor[a * length + at] as number) * (factor[b * length + at] as number)
      out[a * parts + b] = sum
      out[b * parts + a] = sum
    }
  }
  return out
}

async function score(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  shapes: Float32Array,
  parts: number,
  lowest: Float32Array,
  pause: Pause,
): Promise<{ train: number; heldOut: number | null }> {
  const { dims } = rows
  const groups = [new ExplainedVariance(dims), new ExplainedVariance(dims)] as const
  const products = gram(shapes, parts, dims)
  // ⟨x − lowest, part⟩ = ⟨x, part⟩ − ⟨lowest, part⟩, so the blocks need not be shifted.
  const below = Float64Array.from({ length: parts }, (_, part) =>
    lowest.reduce((sum, value, dim) => sum + value * (shapes[part * dims + dim] as number), 0),
  )
  const copy = new Float64Array(dims)
  const held = math.hold(shapes, parts, dims)
  await forEachBlock(math, rows, pause, (block, start, count, input) => {
    const onParts = math.multiply(block, held, false, true)
    for (let row = 0; row < count; row++) {
      const target = Float64Array.from(below, (less, part) => (onParts[row * parts + part] as number) - less)
      const strengths = fitRow(target, products, parts)
      copy.set(lowest)
      strengths.forEach((strength, part) => {
        if (strength === 0) return
        for (let dim = 0; dim < dims; dim++) copy[dim] = (copy[dim] as number) + strength * (shapes[part * dims + dim] as number)
      })
      groups[isHeldOut[start + row] === 1 ? 1 : 0].add(input, row * dims, copy)
    }
  }).finally(() => math.release(held))
  return { train: groups[0].value() ?? 0, heldOut: groups[1].value() }
}

/** Non-negative least squares by coordinate descent. */
function fitRow(target: Float64Array, products: Float64Array, parts: number): Float64Array {
  const strengths = new Float64Array(parts)
  for (let sweep = 0; sweep < fittingSweeps; sweep++) {
    let change = 0
    for (let part = 0; part < parts; part++) {
      let gradient = target[part] as number
      for (let other = 0; other < parts; other++)
        gradient -= (products[part * parts + other] as number) * (strengths[other] as number)
      const before = strengths[part] as number
      const own = Math.max(tiny, products[part * parts + part] as number)
      const after = Math.max(0, before + gradient / own)
      strengths[part] = after
      change = Math.max(change, Math.abs(after - before) * Math.sqrt(own))
    }
    if (change < 1e-6) break
  }
  return strengths
}
