// Latents that are on by a bound of their own: ReLU, JumpReLU and all encoding by thresholds. Rows differ in length, so they
// are counted, placed one after the other and then filled. What lies less than `slack` below its bound is listed too, with
// the activation 0: JumpReLU's thresholds learn from it.
import { element, rowOf, setTotal, Work } from './work'

/** Bit b is set where number b of the 16 at `pre`, plus its bias, exceeds its bound less `slack`. */
function open16(pre: usize, bias: usize, bound: usize, slack: v128): i32 {
  const mask0 = f32x4.gt(f32x4.add(v128.load(pre), v128.load(bias)), f32x4.sub(v128.load(bound), slack))
  const mask1 = f32x4.gt(f32x4.add(v128.load(pre, 16), v128.load(bias, 16)), f32x4.sub(v128.load(bound, 16), slack))
  const mask2 = f32x4.gt(f32x4.add(v128.load(pre, 32), v128.load(bias, 32)), f32x4.sub(v128.load(bound, 32), slack))
  const mask3 = f32x4.gt(f32x4.add(v128.load(pre, 48), v128.load(bias, 48)), f32x4.sub(v128.load(bound, 48), slack))
  if (!v128.any_true(v128.or(v128.or(mask0, mask1), v128.or(mask2, mask3)))) return 0
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(mask0, mask1), i16x8.narrow_i32x4_s(mask2, mask3)))
}

/** The same for the last, fewer than 16 numbers of a row. */
function openRest(pre: usize, bias: usize, bound: usize, count: i32, slack: f32): i32 {
  let mask = 0
  for (let at = 0; at < count; at++) {
    if (load<f32>(element(pre, at)) + load<f32>(element(bias, at)) > load<f32>(element(bound, at)) - slack) mask |= 1 << at
  }
  return mask
}

function openBlock(work: Work, pre: usize, block: i32, slacks: v128): i32 {
  const rest = work.latents - block
  const bias = element(work.encoderBias, block)
  const bound = element(work.thresholds, block)
  if (rest >= 16) return open16(element(pre, block), bias, bound, slacks)
  return openRest(element(pre, block), bias, bound, rest, work.slack)
}

/** Leaves the number of entries of a row in `ends`. */
export function countRow(work: Work, row: i32): void {
  const pre = rowOf(work.pre, row, work.latents)
  const slacks = f32x4.splat(work.slack)
  let count = 0
  for (let block = 0; block < work.latents; block += 16) count += popcnt(openBlock(work, pre, block, slacks))
  store<i32>(element(work.ends, row), count)
}

/** Turns the counts into starts, with `ends` at the starts until the rows are filled. Returns how many entries there are. */
export function placeRows(work: Work): i32 {
  let start = 0
  for (let row = 0; row < work.rows; row++) {
    const end = element(work.ends, row)
    const count = load<i32>(end)
    store<i32>(element(work.starts, row), start)
    store<i32>(end, start)
    start += count
  }
  return start
}

/** Rows `from` … `to`: their entries, latents ascending. Adds up how many of them are on. */
export function fillRows(work: Work, chunk: i32, from: i32, to: i32): void {
  const latents = work.latents
  const slacks = f32x4.splat(work.slack)
  let active = 0
  for (let row = from; row < to; row++) {
    const pre = rowOf(work.pre, row, latents)
    let place = load<i32>(element(work.ends, row))
    for (let block = 0; block < latents; block += 16) {
      let mask = openBlock(work, pre, block, slacks)
      while (mask !== 0) {
        const latent = block + ctz(mask)
        mask &= mask - 1
        const value = load<f32>(element(pre, latent)) + load<f32>(element(work.encoderBias, latent))
        const isOn = value > load<f32>(element(work.thresholds, latent))
        store<i32>(element(work.columns, place), latent)
        store<f32>(element(work.values, place), isOn ? value : 0)
        active += isOn ? 1 : 0
        place++
      }
    }
    store<i32>(element(work.ends, row), place)
  }
  setTotal(work, chunk, <f64>active)
}

/**
 * Latents `from` … `to`, after the sort: the gradient of their thresholds by the rectangle kernel of width 2 · slack (`push` is
 * what the sparsity term adds for every activation). Takes the slopes of what is off away: nothing else learns from it.
 */
export function findJumps(work: Work, from: i32, to: i32): void {
  const share: f32 = <f32>-1 / (<f32>2 * work.slack)
  for (let latent = from; latent < to; latent++) {
    const threshold = load<f32>(element(work.thresholds, latent))
    const end = load<i32>(element(work.columnStarts, latent + 1))
    let slopes: f32 = 0
    let near = 0
    for (let at = load<i32>(element(work.columnStarts, latent)); at < end; at++) {
      const value = load<f32>(element(work.valuesOf, at))
      if (value !== 0 && value - threshold >= work.slack) continue
      near++
      slopes += load<f32>(element(work.slopesOf, at))
      if (value === 0) store<f32>(element(work.slopesOf, at), 0)
    }
    store<f32>(element(work.thresholdGradient, latent), share * (threshold * slopes + <f32>near * work.push))
  }
}

/** ReLU: price · Σ activation · length of its decoder row (1 where the length is not counted). */
export function sumPrices(work: Work): f64 {
  let total: f64 = 0
  for (let latent = 0; latent < work.latents; latent++) {
    const end = load<i32>(element(work.columnStarts, latent + 1))
    let sum: f64 = 0
    for (let at = load<i32>(element(work.columnStarts, latent)); at < end; at++) sum += <f64>load<f32>(element(work.valuesOf, at))
    total += sum * <f64>priceOf(work, latent)
  }
  return total
}

/** What an activation of 1 of a latent costs. */
export function priceOf(work: Work, latent: i32): f32 {
  return work.decoderLengths === 0 ? work.price : work.price * load<f32>(element(work.decoderLengths, latent))
}
