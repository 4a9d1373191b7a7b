// Work per latent: the gradients of its two rows, projection, Adam and the return to unit length, while the rows are in
// the first cache. Nothing as large as the weights is written but weights and moments.
import { adamRow } from './adam'
import { addRows, addScaled, dot, scaleRow } from './simd'
import { element, rowOf, setTotal, Work } from './work'

/**
 * Latents `from` … `to`. Adds up the squared norm of the gradient (decoder rows projected, before clipping). Updates
 * the parameters if `isUpdate`; computing the same gradient twice gives the same bits.
 */
export function learnLatents(work: Work, thread: i32, chunk: i32, from: i32, to: i32): void {
  const dims = work.dims
  const decoderGradient = rowOf(work.gradientRows, 2 * thread, dims)
  const encoderGradient = rowOf(work.gradientRows, 2 * thread + 1, dims)
  let total: f64 = 0
  for (let latent = from; latent < to; latent++) {
    const bias = gradientsOf(work, latent, decoderGradient, encoderGradient)
    const decoder = rowOf(work.decoder, latent, dims)
    addScaled(decoderGradient, decoder, -dot(decoderGradient, decoder, dims), dims)
    total += <f64>dot(decoderGradient, decoderGradient, dims)
    total += <f64>dot(encoderGradient, encoderGradient, dims)
    total += <f64>bias * <f64>bias
    if (work.isUpdate !== 0) update(work, latent, decoderGradient, encoderGradient, bias)
  }
  setTotal(work, chunk, total)
}

/** Fills in the gradients of a latent's decoder and encoder row, AuxK's share included; returns that of its bias. */
function gradientsOf(work: Work, latent: i32, decoderGradient: usize, encoderGradient: usize): f32 {
  const dims = work.dims
  const start = load<i32>(element(work.columnStarts, latent))
  const end = load<i32>(element(work.columnStarts, latent + 1))
  memory.fill(decoderGradient, 0, (<usize>dims) << 2)
  memory.fill(encoderGradient, 0, (<usize>dims) << 2)
  addRows(decoderGradient, work.slope, work.valuesOf, work.rowsOf, start, end, dims)
  addRows(encoderGradient, work.input, work.slopesOf, work.rowsOf, start, end, dims)
  let bias: f32 = 0
  for (let at = start; at < end; at++) bias += load<f32>(element(work.slopesOf, at))
  if (work.deadSlots === 0) return bias
  const slot = load<i32>(element(work.deadSlots, latent))
  if (slot < 0) return bias
  addScaled(decoderGradient, rowOf(work.auxDecoderGradient, slot, dims), 1, dims)
  addScaled(encoderGradient, rowOf(work.auxEncoderGradient, slot, dims), 1, dims)
  return bias + load<f32>(element(work.auxBiasGradient, slot))
}

function update(work: Work, latent: i32, decoderGradient: usize, encoderGradient: usize, bias: f32): void {
  const dims = work.dims
  const clip = work.clip
  const rate = work.rate
  const unbias = work.unbias
  const decoder = rowOf(work.decoder, latent, dims)
  const square = adamRow(
    decoder,
    rowOf(work.decoderMean, latent, dims),
    rowOf(work.decoderSquare, latent, dims),
    decoderGradient,
    dims,
    clip,
    rate,
    unbias,
  )
  scaleRow(decoder, <f32>1 / sqrt<f32>(square), dims)
  adamRow(
    rowOf(work.encoder, latent, dims),
    rowOf(work.encoderMean, latent, dims),
    rowOf(work.encoderSquare, latent, dims),
    encoderGradient,
    dims,
    clip,
    rate,
    unbias,
  )
  // The gradient rows have been used: the first number of one carries the gradient of the bias.
  store<f32>(encoderGradient, bias)
  adamRow(
    element(work.encoderBias, latent),
    element(work.encoderBiasMean, latent),
    element(work.encoderBiasSquare, latent),
    encoderGradient,
    1,
    clip,
    rate,
    unbias,
  )
}

/** Adam on the decoder bias with the gradient that sumSlopes left. */
export function updateDecoderBias(work: Work): void {
  adamRow(
    work.decoderBias,
    work.decoderBiasMean,
    work.decoderBiasSquare,
    work.decoderBiasGradient,
    work.dims,
    work.clip,
    work.rate,
    work.unbias,
  )
}
