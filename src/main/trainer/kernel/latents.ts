// Work per latent: the gradients of its two rows, projection, Adam and the return to unit length, while the rows are in
// the first cache. Nothing as large as the weights is written but weights and moments.
import { adamRow, coastRow } from './adam'
import { addScaled, dot, projectRow, scaleRow, sumRows } from './simd'
import { element, firstLevelOf, levelOf, rowOf, scratchOf, setTotal, Work } from './work'

/**
 * Latents `from` … `to`. Adds up the squared norm of the gradient (decoder rows projected, before clipping). Updates
 * the parameters if `isUpdate`; computing the same gradient twice gives the same bits. First come all gradients of the
 * chunk, then its updates: these run through long stretches of weights and moments, which the processor fetches ahead.
 */
export function learnLatents(work: Work, thread: i32, chunk: i32, from: i32, to: i32): void {
  const decoderGradients = scratchOf(work, thread)
  const encoderGradients = rowOf(decoderGradients, work.chunkSize, work.dims)
  const biasGradients = rowOf(encoderGradients, work.chunkSize, work.dims)
  let total: f64 = 0
  for (let latent = from; latent < to; latent++) {
    if (isIdle(work, latent)) continue
    const at = latent - from
    const decoderGradient = rowOf(decoderGradients, at, work.dims)
    const encoderGradient = rowOf(encoderGradients, at, work.dims)
    const bias = gradientsOf(work, latent, decoderGradient, encoderGradient)
    store<f32>(element(biasGradients, at), bias)
    total += squaresOf(work, latent, decoderGradient, encoderGradient, bias)
  }
  setTotal(work, chunk, total)
  if (work.isUpdate === 0) return
  for (let latent = from; latent < to; latent++) updateDecoder(work, latent, rowOf(decoderGradients, latent - from, work.dims))
  for (let latent = from; latent < to; latent++) updateEncoder(work, latent, rowOf(encoderGradients, latent - from, work.dims))
  for (let latent = from; latent < to; latent++) updateNumbers(work, latent, element(biasGradients, latent - from))
}

/** Projects the decoder's gradient; returns the squared norm of what the latent adds to the gradient. */
function squaresOf(work: Work, latent: i32, decoderGradient: usize, encoderGradient: usize, bias: f32): f64 {
  const dims = work.dims
  const decoder = rowOf(work.decoder, latent, dims)
  let total: f64 = 0
  if (work.keepsUnitRows !== 0) {
    total += <f64>projectRow(decoderGradient, decoder, dot(decoderGradient, decoder, dims), dims)
  } else total += <f64>dot(decoderGradient, decoderGradient, dims)
  if (work.jumps !== 0) {
    const jump = <f64>load<f32>(element(work.thresholdGradient, latent))
    total += jump * jump
  }
  return total + <f64>dot(encoderGradient, encoderGradient, dims) + <f64>bias * <f64>bias
}

function slotOf(work: Work, latent: i32): i32 {
  return work.deadSlots === 0 ? -1 : load<i32>(element(work.deadSlots, latent))
}

/** True when neither the batch nor AuxK gives the latent a gradient. */
function isIdle(work: Work, latent: i32): bool {
  const start = element(work.columnStarts, latent)
  return load<i32>(start) === load<i32>(start, 4) && slotOf(work, latent) < 0
}

/** Fills in the gradients of a latent's decoder and encoder row, AuxK's share included; returns that of its bias. */
function gradientsOf(work: Work, latent: i32, decoderGradient: usize, encoderGradient: usize): f32 {
  const dims = work.dims
  const start = load<i32>(element(work.columnStarts, latent))
  const end = load<i32>(element(work.columnStarts, latent + 1))
  sumRows(decoderGradient, levelOf(work, firstLevelOf(work, latent)), work.valuesOf, work.rowsOf, start, end, dims)
  sumRows(encoderGradient, work.input, work.slopesOf, work.rowsOf, start, end, dims)
  let bias: f32 = 0
  for (let at = start; at < end; at++) bias += load<f32>(element(work.slopesOf, at))
  if (work.decoderLengths !== 0) addPrice(work, latent, decoderGradient, start, end)
  const slot = slotOf(work, latent)
  if (slot < 0) return bias
  addScaled(decoderGradient, rowOf(work.auxDecoderGradient, slot, dims), 1, dims)
  addScaled(encoderGradient, rowOf(work.auxEncoderGradient, slot, dims), 1, dims)
  return bias + load<f32>(element(work.auxBiasGradient, slot))
}

/** ReLU with the decoder's length in the price: longer rows cost more, in the direction of the row. */
function addPrice(work: Work, latent: i32, decoderGradient: usize, start: i32, end: i32): void {
  const length = load<f32>(element(work.decoderLengths, latent))
  let sum: f32 = 0
  for (let at = start; at < end; at++) sum += load<f32>(element(work.valuesOf, at))
  if (length > 0) addScaled(decoderGradient, rowOf(work.decoder, latent, work.dims), (work.price * sum) / length, work.dims)
}

/** Gives a decoder row back its length 1, or notes its length where it may have any. */
function settleRow(work: Work, latent: i32, decoder: usize, square: f32): void {
  if (work.keepsUnitRows !== 0) scaleRow(decoder, <f32>1 / sqrt<f32>(square), work.dims)
  else if (work.decoderLengths !== 0) measureRow(work, latent)
}

/** Notes the length of a decoder row; the same bits whether after an update or from the row as it was stored. */
function measureRow(work: Work, latent: i32): void {
  const row = rowOf(work.decoder, latent, work.dims)
  store<f32>(element(work.decoderLengths, latent), sqrt<f32>(dot(row, row, work.dims)))
}

/** Notes the lengths of all decoder rows. */
export function measureRows(work: Work): void {
  for (let latent = 0; latent < work.latents; latent++) measureRow(work, latent)
}

function updateDecoder(work: Work, latent: i32, gradient: usize): void {
  const dims = work.dims
  const row = rowOf(work.decoder, latent, dims)
  const mean = rowOf(work.decoderMean, latent, dims)
  const square = rowOf(work.decoderSquare, latent, dims)
  const isMoved = !isIdle(work, latent)
  settleRow(work, latent, row, updateRow(work, isMoved, row, mean, square, gradient, dims, work.rate))
}

function updateEncoder(work: Work, latent: i32, gradient: usize): void {
  const dims = work.dims
  const row = rowOf(work.encoder, latent, dims)
  const mean = rowOf(work.encoderMean, latent, dims)
  updateRow(work, !isIdle(work, latent), row, mean, rowOf(work.encoderSquare, latent, dims), gradient, dims, work.rate)
}

/** The bias of a latent and its threshold, which stays at 0 or above. */
function updateNumbers(work: Work, latent: i32, gradient: usize): void {
  const isMoved = !isIdle(work, latent)
  const mean = element(work.encoderBiasMean, latent)
  const square = element(work.encoderBiasSquare, latent)
  updateRow(work, isMoved, element(work.encoderBias, latent), mean, square, gradient, 1, work.rate)
  if (work.jumps === 0) return
  const threshold = element(work.thresholds, latent)
  const jumpMean = element(work.thresholdsMean, latent)
  const jumpSquare = element(work.thresholdsSquare, latent)
  store<f32>(gradient, load<f32>(element(work.thresholdGradient, latent)))
  updateRow(work, isMoved, threshold, jumpMean, jumpSquare, gradient, 1, work.rate * work.thresholdRate)
  store<f32>(threshold, max<f32>(0, load<f32>(threshold)))
}

/** Adam on a row, which uses its gradient up; a row that has none moves on. Returns the squared length of the new row. */
function updateRow(
  work: Work,
  isMoved: bool,
  row: usize,
  mean: usize,
  square: usize,
  gradient: usize,
  length: i32,
  rate: f32,
): f32 {
  if (!isMoved) return coastRow(row, mean, square, length, rate, work.unbias)
  if (work.clip < 1) scaleRow(gradient, work.clip, length)
  return adamRow(row, mean, square, gradient, length, rate, work.unbias)
}

/** Adam on the decoder bias with the gradient that sumSlopes left. */
export function updateDecoderBias(work: Work): void {
  const gradient = work.decoderBiasGradient
  if (work.clip < 1) scaleRow(gradient, work.clip, work.dims)
  adamRow(work.decoderBias, work.decoderBiasMean, work.decoderBiasSquare, gradient, work.dims, work.rate, work.unbias)
}
