// Work per row of the batch: reconstruction from the active latents only, residual, gradients of the activations.
import { priceOf } from './open'
import { sortRow } from './select'
import { addRows, addScaled, dot, scaleRow, subtract } from './simd'
import { element, levelOf, residualOf, rowOf, scratchOf, setTotal, Work } from './work'

/**
 * Rows `from` … `to`: the slopes of all levels, and the gradient of each activation, the slope of the first level that
 * may use it · its decoder row. Adds up ‖x̂ − x‖² over the levels (total of the chunk) and the slopes (slopeParts).
 */
export function decodeRows(work: Work, chunk: i32, from: i32, to: i32): void {
  const dims = work.dims
  const part = rowOf(work.slopeParts, chunk, dims)
  memory.fill(part, 0, (<usize>dims) << 2)
  let total: f64 = 0
  for (let row = from; row < to; row++) {
    sortRow(work, row)
    total += decodeLevels(work, row)
    for (let level = work.levels - 2; level >= 0; level--)
      addScaled(rowOf(levelOf(work, level), row, dims), rowOf(levelOf(work, level + 1), row, dims), 1, dims)
    addScaled(part, rowOf(work.slope, row, dims), 1, dims)
    findSlopes(work, row)
    const input = rowOf(work.input, row, dims)
    store<f32>(element(work.inputLengths, row), sqrt<f32>(dot(input, input, dims)))
  }
  setTotal(work, chunk, total)
}

/** slopeScale · (x̂ − x) of each level: every level goes on from the one below. Returns ‖x̂ − x‖² over the levels. */
function decodeLevels(work: Work, row: i32): f64 {
  const dims = work.dims
  const levels = work.levels
  const end = load<i32>(element(work.ends, row))
  let from = load<i32>(element(work.starts, row))
  let slope = rowOf(work.slope, row, dims)
  let total: f64 = 0
  subtract(slope, work.decoderBias, rowOf(work.input, row, dims), dims)
  for (let level = 0; level < levels; level++) {
    const prefix = load<i32>(element(work.prefixes, level))
    let to = level === levels - 1 ? end : from
    while (to < end && load<i32>(element(work.columns, to)) < prefix) to++
    addRows(slope, work.decoder, work.values, work.columns, from, to, dims)
    from = to
    const above = rowOf(levelOf(work, level + 1), row, dims)
    if (level < levels - 1) memory.copy(above, slope, (<usize>dims) << 2)
    total += <f64>scaleRow(slope, work.slopeScale, dims)
    slope = above
  }
  return total
}

/** Gradients of the activations of a row, and the lengths of its slopes; last first, while their decoder rows are in the cache. */
function findSlopes(work: Work, row: i32): void {
  const dims = work.dims
  const start = load<i32>(element(work.starts, row))
  let at = load<i32>(element(work.ends, row)) - 1
  for (let level = work.levels - 1; level >= 0; level--) {
    const slope = rowOf(levelOf(work, level), row, dims)
    const below = level === 0 ? 0 : load<i32>(element(work.prefixes, level - 1))
    store<f32>(element(work.slopeLengths, level * work.rows + row), sqrt<f32>(dot(slope, slope, dims)))
    for (; at >= start; at--) {
      const latent = load<i32>(element(work.columns, at))
      if (latent < below) break
      const price: f32 = work.price === 0 ? 0 : priceOf(work, latent)
      store<f32>(element(work.slopes, at), dot(slope, rowOf(work.decoder, latent, dims), dims) + price)
    }
  }
}

/** Gradient of the decoder bias: the sum of all slopes. Returns its squared length. */
export function sumSlopes(work: Work, chunks: i32): f64 {
  const dims = work.dims
  const gradient = work.decoderBiasGradient
  memory.fill(gradient, 0, (<usize>dims) << 2)
  for (let chunk = 0; chunk < chunks; chunk++) addScaled(gradient, rowOf(work.slopeParts, chunk, dims), 1, dims)
  return <f64>dot(gradient, gradient, dims)
}

/** Sum of the rows of the residual's slope that AuxK sees, before `spreadRows`. */
export function sumResiduals(work: Work): void {
  const dims = work.dims
  memory.fill(work.residualSum, 0, (<usize>dims) << 2)
  for (let row = 0; row < work.auxRows; row++)
    addScaled(work.residualSum, rowOf(residualOf(work), work.auxFrom + row, dims), 1, dims)
}

/** Rows `from` … `to` of those that AuxK sees: adds up ‖slope − mean slope‖² of the residual's slope, the last level. */
export function spreadRows(work: Work, thread: i32, chunk: i32, from: i32, to: i32): void {
  const dims = work.dims
  const off = scratchOf(work, thread)
  const share: f32 = <f32>-1 / <f32>work.auxRows
  let total: f64 = 0
  for (let row = from; row < to; row++) {
    memory.copy(off, rowOf(residualOf(work), work.auxFrom + row, dims), (<usize>dims) << 2)
    addScaled(off, work.residualSum, share, dims)
    total += <f64>dot(off, off, dims)
  }
  setTotal(work, chunk, total)
}
