// AuxK: the dead latents with the largest raw pre-activations learn to explain the residual. Among the dead, most take
// part, so the products are dense and TensorFlow's, on compact copies; here is what lies between them.
import { selectLargest } from './keys'
import { element, residualOf, rowOf, setTotal, Work } from './work'

/** −0 stands for "not chosen": it multiplies like 0 and differs in its bits from a chosen 0. */
const notChosen: i32 = i32.MIN_VALUE

/** Copies the decoder rows of the dead latents `from` … `to`. */
export function gatherDead(work: Work, from: i32, to: i32): void {
  const dims = work.dims
  for (let at = from; at < to; at++) {
    const source = rowOf(work.decoder, load<i32>(element(work.dead, at)), dims)
    memory.copy(rowOf(work.auxDecoder, at, dims), source, (<usize>dims) << 2)
  }
}

/** Maps any float but NaN to a whole number of the same order. */
function ordered(value: f32): u32 {
  const bits = reinterpret<i32>(value)
  return (<u32>bits) ^ ((<u32>(bits >> 31)) | 0x80000000)
}

/** Rows `from` … `to` of auxStrengths (rows × dead): the auxK largest raw pre-activations, −0 elsewhere. */
export function chooseDead(work: Work, thread: i32, from: i32, to: i32): void {
  const count = work.deadCount
  const keys = work.keys + ((<usize>thread * <usize>work.keyCapacity) << 3)
  for (let row = from; row < to; row++) {
    const pre = rowOf(work.pre, work.auxFrom + row, work.latents)
    const strengths = rowOf(work.auxStrengths, row, count)
    for (let at = 0; at < count; at++) {
      const latent = load<i32>(element(work.dead, at))
      // Adding +0 makes a +0 of −0.
      const value = load<f32>(element(pre, latent)) + load<f32>(element(work.encoderBias, latent)) + <f32>0
      store<f32>(element(strengths, at), value)
      store<u64>(keys + ((<usize>at) << 3), ((<u64>ordered(value)) << 32) | (<u64>~(<u32>at)))
    }
    if (count <= work.auxK) continue
    selectLargest(keys, count, work.auxK)
    for (let at = work.auxK; at < count; at++) {
      const dropped = ~(<u32>load<u64>(keys + ((<usize>at) << 3)))
      store<i32>(element(strengths, <i32>dropped), notChosen)
    }
  }
}

/**
 * Rows `from` … `to` of auxOff: holds ê before, and auxScale · (ê − e) after, where e = −slope / slopeScale is the
 * residual. Adds up ‖ê − e‖².
 */
export function compareAux(work: Work, chunk: i32, from: i32, to: i32): void {
  const dims = work.dims
  const unscale: f32 = <f32>1 / work.slopeScale
  const scale = work.auxScale
  const end = rowOf(work.auxOff, to, dims)
  const toSlope = rowOf(residualOf(work), work.auxFrom, dims) - work.auxOff
  const unscales = f32x4.splat(unscale)
  const scales = f32x4.splat(scale)
  let squares = f32x4.splat(0)
  let total: f64 = 0
  let at = rowOf(work.auxOff, from, dims)
  for (; at + 16 <= end; at += 16) {
    const off = f32x4.add(v128.load(at), f32x4.mul(unscales, v128.load(at + toSlope)))
    squares = f32x4.add(squares, f32x4.mul(off, off))
    v128.store(at, f32x4.mul(off, scales))
  }
  for (; at < end; at += 4) {
    const off = load<f32>(at) + unscale * load<f32>(at + toSlope)
    total += <f64>(off * off)
    store<f32>(at, off * scale)
  }
  total += <f64>f32x4.extract_lane(squares, 0) + <f64>f32x4.extract_lane(squares, 1)
  total += <f64>f32x4.extract_lane(squares, 2) + <f64>f32x4.extract_lane(squares, 3)
  setTotal(work, chunk, total)
}

/** Dead latents `from` … `to`: no slope where the latent was not chosen; the sum of the others goes to its bias. */
export function maskDead(work: Work, from: i32, to: i32): void {
  const count = work.deadCount
  const marks = i32x4.splat(notChosen)
  memory.fill(element(work.auxBiasGradient, from), 0, (<usize>(to - from)) << 2)
  for (let row = 0; row < work.auxRows; row++) {
    const strengths = rowOf(work.auxStrengths, row, count)
    const slopes = rowOf(work.auxSlopes, row, count)
    let at = from
    for (; at + 4 <= to; at += 4) {
      const unchosen = i32x4.eq(v128.load(element(strengths, at)), marks)
      const slope = v128.andnot(v128.load(element(slopes, at)), unchosen)
      v128.store(element(slopes, at), slope)
      const sum = element(work.auxBiasGradient, at)
      v128.store(sum, f32x4.add(v128.load(sum), slope))
    }
    for (; at < to; at++) {
      const unchosen = load<i32>(element(strengths, at)) === notChosen
      const slope: f32 = unchosen ? 0 : load<f32>(element(slopes, at))
      store<f32>(element(slopes, at), slope)
      const sum = element(work.auxBiasGradient, at)
      store<f32>(sum, load<f32>(sum) + slope)
    }
  }
}
