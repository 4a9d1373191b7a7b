// Work per row of the batch: reconstruction from the active latents only, residual, gradients of the activations.
import { sortRow } from './select'
import { addRows, addScaled, dot, scaleRow, subtract } from './simd'
import { element, rowOf, setTotal, Work } from './work'

/**
 * Rows `from` … `to`: slope = slopeScale · (x̂ − x), and the gradient of each activation, slope · its decoder row.
 * Adds up ‖x̂ − x‖² (total of the chunk) and the slopes (slopeParts).
 */
export function decodeRows(work: Work, chunk: i32, from: i32, to: i32): void {
  const dims = work.dims
  const part = rowOf(work.slopeParts, chunk, dims)
  memory.fill(part, 0, (<usize>dims) << 2)
  let total: f64 = 0
  for (let row = from; row < to; row++) {
    sortRow(work, row)
    const start = load<i32>(element(work.starts, row))
    const end = load<i32>(element(work.ends, row))
    const input = rowOf(work.input, row, dims)
    const slope = rowOf(work.slope, row, dims)
    subtract(slope, work.decoderBias, input, dims)
    addRows(slope, work.decoder, work.values, work.columns, start, end, dims)
    const square = scaleRow(slope, work.slopeScale, dims)
    total += <f64>square
    addScaled(part, slope, 1, dims)
    store<f32>(element(work.slopeLengths, row), sqrt<f32>(square) * work.slopeScale)
    store<f32>(element(work.inputLengths, row), sqrt<f32>(dot(input, input, dims)))
    for (let at = start; at < end; at++) {
      const decoder = rowOf(work.decoder, load<i32>(element(work.columns, at)), dims)
      store<f32>(element(work.slopes, at), dot(slope, decoder, dims))
    }
  }
  setTotal(work, chunk, total)
}

/** Gradient of the decoder bias: the sum of all slopes. Returns its squared length. */
export function sumSlopes(work: Work, chunks: i32): f64 {
  const dims = work.dims
  const gradient = work.decoderBiasGradient
  memory.fill(gradient, 0, (<usize>dims) << 2)
  for (let chunk = 0; chunk < chunks; chunk++) addScaled(gradient, rowOf(work.slopeParts, chunk, dims), 1, dims)
  return <f64>dot(gradient, gradient, dims)
}

/** Rows `from` … `to`: adds up ‖slope − mean slope‖², where decoderBiasGradient / rows is the mean. */
export function spreadRows(work: Work, thread: i32, chunk: i32, from: i32, to: i32): void {
  const dims = work.dims
  const off = rowOf(work.gradientRows, 2 * thread, dims)
  const share: f32 = <f32>-1 / <f32>work.rows
  let total: f64 = 0
  for (let row = from; row < to; row++) {
    memory.copy(off, rowOf(work.slope, row, dims), (<usize>dims) << 2)
    addScaled(off, work.decoderBiasGradient, share, dims)
    total += <f64>dot(off, off, dims)
  }
  setTotal(work, chunk, total)
}
