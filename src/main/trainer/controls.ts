// What a trained model must beat: the same model before training, and PCA with as many axes as latents are on per cell.
// Both are computed around the mean of the training rows, whatever the model subtracts from its rows.
import type { RunControls } from '@contract'
import { seededRandom } from '../base/random'
import type { DenseMath } from './dense-math'
import { chunkRows, forEachBlock, type Pause } from './encode'
import { symmetricEigenvectors } from '../science/eigen'
import { ExplainedVariance } from './explained-variance'
import type { Rows } from './rows'
import type { Numbers } from './select'

/** Sweeps over the data; with the oversampling below, the explained variance is exact to 1e-4 even on flat spectra. */
export const pcaSweeps = 12
const oversampling = 16
const pcaStream = 4

/** A mean this small, as a share of the mean square, is rounding: rows that were standardised keep their bits. */
const roundedMean = 1e-8

/**
 * The rows around the mean of the training rows. A model brought from elsewhere subtracts a centre of its own (SAELens: b_dec),
 * and rows that are not standardised keep their offset; axes through another point than the mean would explain less.
 */
export async function centredRows(rows: Rows, isHeldOut: Uint8Array, pause: Pause): Promise<Rows> {
  const { dims } = rows
  const sums = new Float64Array(dims)
  let [training, squares] = [0, 0]
  for (let start = 0; start < rows.count; start += chunkRows) {
    await pause()
    const count = Math.min(chunkRows, rows.count - start)
    const values = rows.read(start, count)
    for (let row = 0; row < count; row++) {
      if (isHeldOut[start + row] === 1) continue
      training++
      for (let dim = 0, at = row * dims; dim < dims; dim++, at++) {
        const value = values[at] as number
        sums[dim] = (sums[dim] as number) + value
        squares += value * value
      }
    }
  }
  const mean = sums.map((sum) => sum / Math.max(1, training))
  if (dot(mean, mean) <= (roundedMean * squares) / Math.max(1, training)) return rows
  const read = (start: number, count: number): Float32Array => {
    const values = rows.read(start, count).slice()
    for (let at = 0; at < values.length; at++) values[at] = (values[at] as number) - (mean[at % dims] as number)
    return values
  }
  return { ...rows, read }
}

/**
 * Explained variance of the `k` leading principal axes of the training rows, which must have mean 0 (`centredRows`).
 * Method: randomised subspace iteration with Rayleigh–Ritz (Halko, Martinsson and Tropp 2011): never needs the d × d covariance.
 */
export async function pcaControl(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  k: number,
  seed: number,
  pause: Pause,
): Promise<RunControls['pca']> {
  const axes = Math.min(k, rows.dims)
  const leading = await leadingAxes(math, rows, isHeldOut, axes, seed, pause)
  return { axes, explainedVariance: await projectionScore(math, rows, isHeldOut, leading, axes, pause) }
}

/** The `axes` leading principal axes of the training rows as unit rows, [axes, dims], largest variance first. */
export async function leadingAxes(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  axes: number,
  seed: number,
  pause: Pause,
): Promise<Float32Array> {
  const { dims } = rows
  const width = Math.min(dims, axes + oversampling)
  const random = seededRandom(seed, pcaStream)
  let basis = Float32Array.from({ length: width * dims }, () => random.normal())
  orthonormalise(basis, dims)
  let image = new Float64Array(basis.length)
  for (let sweep = 0; sweep < pcaSweeps; sweep++) {
    image = await timesCovariance(math, rows, isHeldOut, basis, width, pause)
    if (sweep < pcaSweeps - 1) {
      basis = Float32Array.from(image)
      orthonormalise(basis, dims)
    }
  }
  return ritzAxes(basis, image, width, dims).subarray(0, axes * dims)
}

/** basis · XᵀX over the training rows X: [width, dims]. Held-out rows count as zeros. */
async function timesCovariance(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  basis: Float32Array,
  width: number,
  pause: Pause,
): Promise<Float64Array<ArrayBuffer>> {
  const sum = new Float64Array(width * rows.dims)
  const held = math.hold(basis, width, rows.dims)
  await forEachBlock(math, rows, pause, (block, start, count) => {
    const scores = math.multiply(held, block, false, true) // width × chunk
    for (let row = 0; row < count; row++) {
      if (isHeldOut[start + row] === 1) for (let axis = 0; axis < width; axis++) scores[axis * chunkRows + row] = 0
    }
    const scoresHeld = math.hold(scores, width, chunkRows)
    const part = math.multiply(scoresHeld, block, false, false)
    math.release(scoresHeld)
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number)
  }).finally(() => math.release(held))
  return sum
}

/** Rotates an orthonormal basis to the eigenvectors of the covariance within its span, leading first. */
function ritzAxes(basis: Float32Array, image: Float64Array, width: number, dims: number): Float32Array {
  const small = new Float64Array(width * width)
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      for (let dim = 0; dim < dims; dim++)
        small[a * width + b] =
          (small[a * width + b] as number) + (basis[a * dims + dim] as number) * (image[b * dims + dim] as number)
    }
  }
  const vectors = symmetricEigenvectors(small, width)
  const turned = new Float32Array(width * dims)
  for (let axis = 0; axis < width; axis++) {
    for (let b = 0; b < width; b++) {
      const weight = vectors[axis * width + b] as number
      for (let dim = 0; dim < dims; dim++)
        turned[axis * dims + dim] = (turned[axis * dims + dim] as number) + weight * (basis[b * dims + dim] as number)
    }
  }
  orthonormalise(turned, dims)
  return turned
}

async function projectionScore(
  math: DenseMath,
  rows: Rows,
  isHeldOut: Uint8Array,
  axes: Float32Array,
  count: number,
  pause: Pause,
): Promise<{ train: number; heldOut: number | null }> {
  const { dims } = rows
  const train = new ExplainedVariance(dims)
  const heldOut = new ExplainedVariance(dims)
  const reconstruction = new Float64Array(dims)
  const held = math.hold(axes, count, dims)
  await forEachBlock(math, rows, pause, (block, start, blockRows, values) => {
    const scores = math.multiply(block, held, false, true)
    for (let row = 0; row < blockRows; row++) {
      reconstruction.fill(0)
      for (let axis = 0; axis < count; axis++) {
        const score = scores[row * count + axis] as number
        for (let dim = 0; dim < dims; dim++)
          reconstruction[dim] = (reconstruction[dim] as number) + score * (axes[axis * dims + dim] as number)
      }
      const group = isHeldOut[start + row] === 1 ? heldOut : train
      group.add(values, row * dims, reconstruction)
    }
  }).finally(() => math.release(held))
  return { train: train.value() ?? 0, heldOut: heldOut.value() }
}

/** Gram–Schmidt, twice for full precision; rows without a direction of their own become zero. */
function orthonormalise(rows: Float32Array, dims: number): void {
  const count = rows.length / dims
  for (let row = 0; row < count; row++) {
    const mine = rows.subarray(row * dims, (row + 1) * dims)
    const before = Math.sqrt(dot(mine, mine))
    for (let round = 0; round < 2; round++) {
      for (let other = 0; other < row; other++) {
        const theirs = rows.subarray(other * dims, (other + 1) * dims)
        const along = dot(mine, theirs)
        for (let dim = 0; dim < dims; dim++) mine[dim] = (mine[dim] as number) - along * (theirs[dim] as number)
      }
    }
    const length = Math.sqrt(dot(mine, mine))
    const factor = length > 1e-6 * before ? 1 / length : 0
    for (let dim = 0; dim < dims; dim++) mine[dim] = (mine[dim] as number) * factor
  }
}

function dot(a: Numbers, b: Numbers): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number)
  return sum
}
