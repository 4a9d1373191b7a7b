// The control by independent components: FastICA (Hyvärinen 1999; symmetric, tanh), on the leading principal axes of the
// training rows. Each row keeps the k components that add most to it, so that the control has the budget of the model.
// Deterministic for one seed.
import type { RunControls } from '@contract'
import { seededRandom } from '../base/random'
import { symmetricEigenvectors } from '../science/eigen'
import { leadingAxes } from './controls'
import type { DenseMath } from './dense-math'
import { forEachBlock, type Pause } from './encode'
import { ExplainedVariance } from './explained-variance'
import type { Rows } from './rows'

const mostComponents = 128
const sampledRows = 16_384
const mostRounds = 200
const settled = 1e-4
const icaStream = 13

/** `train`: training rows. Rows must be centred on their mean. */
export async function icaControl(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  train: Uint32Array,
  k: number,
  seed: number,
  pause: Pause,
): Promise<NonNullable<RunControls['ica']>> {
  const components = Math.min(rows.dims, mostComponents)
  const axes = await leadingAxes(math, rows, isHeldOut, components, seed, pause)
  const sample = seededRandom(seed, icaStream).sample(train, sampledRows)
  const white = whitened(math, rows, sample, axes, components)
  const { rotation, converged } = await rotate(math, white.scores, sample.length, components, seed, pause)
  const model = unmixing(rotation, axes, white.deviations, components, rows.dims)
  return { components, converged, explainedVariance: await score(math, rows, isHeldOut, model, components, k, pause) }
}

/** Places of the sampled rows on the axes, every axis with variance 1. */
function whitened(
  math: DenseMath,
  rows: Rows,
  sample: Uint32Array,
  axes: Float32Array,
  components: number,
): { scores: Float32Array; deviations: Float64Array } {
  const { dims } = rows
  const table = new Float32Array(sample.length * dims)
  sample.forEach((row, at) => table.set(rows.read(row, 1), at * dims))
  const [held, heldAxes] = [math.hold(table, sample.length, dims), math.hold(axes.slice(), components, dims)]
  const scores = math.multiply(held, heldAxes, false, true)
  math.release(held)
  math.release(heldAxes)
  const squares = new Float64Array(components)
  scores.forEach((value, at) => (squares[at % components] = (squares[at % components] as number) + value * value))
  const deviations = squares.map((square) => Math.sqrt(square / sample.length) || 1)
  for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] as number) / (deviations[at % components] as number)
  return { scores, deviations }
}

/** The rotation (rows = components) that makes the components as independent as tanh can tell. */
async function rotate(
  math: DenseMath,
  white: Float32Array,
  rows: number,
  size: number,
  seed: number,
  pause: Pause,
): Promise<{ rotation: Float64Array; converged: boolean }> {
  const random = seededRandom(seed, icaStream + 1)
  let rotation = decorrelated(
    Float64Array.from({ length: size * size }, () => random.normal()),
    size,
  )
  const held = math.hold(white, rows, size)
  try {
    for (let round = 0; round < mostRounds; round++) {
      await pause()
      const heldRotation = math.hold(Float32Array.from(rotation), size, size)
      const outputs = math.multiply(held, heldRotation, false, true)
      math.release(heldRotation)
      const slopes = new Float64Array(size)
      for (let at = 0; at < outputs.length; at++) {
        const value = Math.tanh(outputs[at] as number)
        outputs[at] = value
        slopes[at % size] = (slopes[at % size] as number) + 1 - value * value
      }
      const heldOutputs = math.hold(outputs, rows, size)
      const products = math.multiply(heldOutputs, held, true, false)
      math.release(heldOutputs)
      const next = new Float64Array(size * size)
      for (let at = 0; at < next.length; at++)
        next[at] = (products[at] as number) / rows - ((slopes[Math.floor(at / size)] as number) / rows) * (rotation[at] as number)
      const turned = decorrelated(next, size)
      const change = largestTurn(rotation, turned, size)
      rotation = turned
      if (change < settled) return { rotation, converged: true }
    }
  } finally {
    math.release(held)
  }
  return { rotation, converged: false }
}

/** (W·Wᵀ)^(−½)·W: orthonormal rows, none preferred. */
function decorrelated(matrix: Float64Array, size: number): Float64Array {
  const square = new Float64Array(size * size)
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0
      for (let at = 0; at < size; at++) sum += (matrix[a * size + at] as number) * (matrix[b * size + at] as number)
      square[a * size + b] = sum
      square[b * size + a] = sum
    }
  }
  const vectors = symmetricEigenvectors(square, size)
  const projected = product(vectors, matrix, size)
  const scaled = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    // The rows of vectors·W are orthogonal, and their squared length is the eigenvalue.
    const length = Math.hypot(...projected.subarray(row * size, (row + 1) * size))
    for (let at = row * size; at < (row + 1) * size; at++) scaled[at] = length > 0 ? (projected[at] as number) / length : 0
  }
  return product(transposed(vectors, size), scaled, size)
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = a[row * size + inner] as number
      for (let column = 0; column < size; column++)
        out[row * size + column] = (out[row * size + column] as number) + factor * (b[inner * size + column] as number)
    }
  }
  return out
}

function transposed(matrix: Float64Array, size: number): Float64Array {
  return Float64Array.from(matrix, (_, at) => matrix[(at % size) * size + Math.floor(at / size)] as number)
}

/** 1 − the smallest |cosine| of a row before and after. */
function largestTurn(before: Float64Array, after: Float64Array, size: number): number {
  let worst = 0
  for (let row = 0; row < size; row++) {
    let cosine = 0
    for (let at = row * size; at < (row + 1) * size; at++) cosine += (before[at] as number) * (after[at] as number)
    worst = Math.max(worst, 1 - Math.abs(cosine))
  }
  return worst
}

interface Unmixing {
  /** components × dims: from a row to its components. */
  readonly into: Float32Array
  /** components × dims: what one unit of a component adds to a row. */
  readonly back: Float32Array
}

function unmixing(
  rotation: Float64Array,
  axes: Float32Array,
  deviations: Float64Array,
  components: number,
  dims: number,
): Unmixing {
  const into = new Float32Array(components * dims)
  const back = new Float32Array(components * dims)
  for (let component = 0; component < components; component++) {
    for (let axis = 0; axis < components; axis++) {
      const weight = rotation[component * components + axis] as number
      const deviation = deviations[axis] as number
      for (let dim = 0; dim < dims; dim++) {
        const value = weight * (axes[axis * dims + dim] as number)
        into[component * dims + dim] = (into[component * dims + dim] as number) + value / deviation
        back[component * dims + dim] = (back[component * dims + dim] as number) + value * deviation
      }
    }
  }
  return { into, back }
}

async function score(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  { into, back }: Unmixing,
  components: number,
  k: number,
  pause: Pause,
): Promise<{ train: number; heldOut: number | null }> {
  const { dims } = rows
  const groups = [new ExplainedVariance(dims), new ExplainedVariance(dims)] as const
  const lengths = Float64Array.from({ length: components }, (_, at) => Math.hypot(...back.subarray(at * dims, (at + 1) * dims)))
  const copy = new Float64Array(dims)
  const held = math.hold(into, components, dims)
  await forEachBlock(math, rows, pause, (block, start, count, input) => {
    const scores = math.multiply(block, held, false, true)
    for (let row = 0; row < count; row++) {
      const own = scores.subarray(row * components, (row + 1) * components)
      const order = Array.from(own.keys()).sort((a, b) => weightOf(own, lengths, b) - weightOf(own, lengths, a) || a - b)
      copy.fill(0)
      for (const component of order.slice(0, k))
        for (let dim = 0; dim < dims; dim++)
          copy[dim] = (copy[dim] as number) + (own[component] as number) * (back[component * dims + dim] as number)
      groups[isHeldOut[start + row] === 1 ? 1 : 0].add(input, row * dims, copy)
    }
  }).finally(() => math.release(held))
  return { train: groups[0].value() ?? 0, heldOut: groups[1].value() }
}

const weightOf = (scores: Float32Array, lengths: Float64Array, at: number): number =>
  Math.abs(scores[at] as number) * (lengths[at] as number)
