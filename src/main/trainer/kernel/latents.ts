// Work per latent: the gradients of its two rows, projection, Adam and the return to unit length, while the rows are in
// the first cache. Nothing as large as the weights is written but weights and moments.
import { adamRow, coastRow } from './adam'
import { addScaled, dot, projectRow, scaleRow, sumRows } from './simd'
import { element, firstLevelOf, levelOf, rowOf, setTotal, Work } from './work'

/**
 * Latents `from` … `to`. Adds up the squared norm of the gradient (decoder rows projected, before clipping). Updates
 * the parameters if `isUpdate`; computing the same gradient twice gives the same bits.
 */
export function learnLatents(work: Work, thread: i32, chunk: i32, from: i32, to: i32): void {
  const dims = work.dims
  const isUpdate = work.isUpdate !== 0
  const decoderGradient = rowOf(work.gradientRows, 2 * thread, dims)
  const encoderGradient = rowOf(work.gradientRows, 2 * thread + 1, dims)
  let total: f64 = 0
  for (let latent = from; latent < to; latent++) {
    if (isIdle(work, latent)) {
      if (isUpdate) coast(work, latent)
      continue
    }
    const bias = gradientsOf(work, latent, decoderGradient, encoderGradient)
    const decoder = rowOf(work.decoder, latent, dims)
    if (work.keepsUnitRows !== 0) {
      total += <f64>projectRow(decoderGradient, decoder, dot(decoderGradient, decoder, dims), dims)
    } else total += <f64>dot(decoderGradient, decoderGradient, dims)
    if (work.jumps !== 0) {
      const jump = <f64>load<f32>(element(work.thresholdGradient, latent))
      total += jump * jump
    }
    total += <f64>dot(encoderGradient, encoderGradient, dims)
    total += <f64>bias * <f64>bias
    if (isUpdate) update(work, latent, decoderGradient, encoderGradient, bias)
  }
  setTotal(work, chunk, total)
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

/** Adam on a threshold, which stays at 0 or above. `scratch`: one number. */
function updateThreshold(work: Work, latent: i32, scratch: usize): void {
  const value = element(work.thresholds, latent)
  const mean = element(work.thresholdsMean, latent)
  const square = element(work.thresholdsSquare, latent)
  store<f32>(scratch, load<f32>(element(work.thresholdGradient, latent)) * work.clip)
  adamRow(value, mean, square, scratch, 1, work.rate * work.thresholdRate, work.unbias)
  store<f32>(value, max<f32>(0, load<f32>(value)))
}

function update(work: Work, latent: i32, decoderGradient: usize, encoderGradient: usize, bias: f32): void {
  const dims = work.dims
  const rate = work.rate
  const unbias = work.unbias
  const decoder = rowOf(work.decoder, latent, dims)
  const decoderMean = rowOf(work.decoderMean, latent, dims)
  const decoderSquare = rowOf(work.decoderSquare, latent, dims)
  const encoder = rowOf(work.encoder, latent, dims)
  const encoderMean = rowOf(work.encoderMean, latent, dims)
  const encoderSquare = rowOf(work.encoderSquare, latent, dims)
  if (work.clip < 1) {
    scaleRow(decoderGradient, work.clip, dims)
    scaleRow(encoderGradient, work.clip, dims)
    bias *= work.clip
  }
  const square = adamRow(decoder, decoderMean, decoderSquare, decoderGradient, dims, rate, unbias)
  settleRow(work, latent, decoder, square)
  adamRow(encoder, encoderMean, encoderSquare, encoderGradient, dims, rate, unbias)
  // The gradient rows have been used: the first number of one carries the gradient of the bias.
  store<f32>(encoderGradient, bias)
  const biasValue = element(work.encoderBias, latent)
  adamRow(
    biasValue,
    element(work.encoderBiasMean, latent),
    element(work.encoderBiasSquare, latent),
    encoderGradient,
    1,
    rate,
    unbias,
  )
  if (work.jumps !== 0) updateThreshold(work, latent, encoderGradient)
}

/** The update of a latent without a gradient. */
function coast(work: Work, latent: i32): void {
  const dims = work.dims
  const rate = work.rate
  const unbias = work.unbias
  const decoder = rowOf(work.decoder, latent, dims)
  const decoderMean = rowOf(work.decoderMean, latent, dims)
  const decoderSquare = rowOf(work.decoderSquare, latent, dims)
  const encoder = rowOf(work.encoder, latent, dims)
  const encoderMean = rowOf(work.encoderMean, latent, dims)
  const encoderSquare = rowOf(work.encoderSquare, latent, dims)
  const square = coastRow(decoder, decoderMean, decoderSquare, dims, rate, unbias)
  settleRow(work, latent, decoder, square)
  coastRow(encoder, encoderMean, encoderSquare, dims, rate, unbias)
  const bias = element(work.encoderBias, latent)
  coastRow(bias, element(work.encoderBiasMean, latent), element(work.encoderBiasSquare, latent), 1, rate, unbias)
  if (work.jumps === 0) return
  const threshold = element(work.thresholds, latent)
  const mean = element(work.thresholdsMean, latent)
  coastRow(threshold, mean, element(work.thresholdsSquare, latent), 1, rate * work.thresholdRate, unbias)
  store<f32>(threshold, max<f32>(0, load<f32>(threshold)))
}

/** Adam on the decoder bias with the gradient that sumSlopes left. */
export function updateDecoderBias(work: Work): void {
  const gradient = work.decoderBiasGradient
  if (work.clip < 1) scaleRow(gradient, work.clip, work.dims)
  adamRow(work.decoderBias, work.decoderBiasMean, work.decoderBiasSquare, gradient, work.dims, work.rate, work.unbias)
}
