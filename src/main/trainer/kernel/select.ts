// Which latents are on: the k largest positive pre-activations of each row (TopK), or the largest of the whole batch
// (BatchTopK). Exact, whatever bound the search starts from; a NaN is never on.
import { keyOf, leastKey, positionOf, selectLargest, valueOf } from './keys'
import { element, rowOf, Work } from './work'

/** Bit b is set where number b of the 16 at `pre`, plus its bias, exceeds the bound. */
function above16(pre: usize, bias: usize, bound: v128): i32 {
  const mask0 = f32x4.gt(f32x4.add(v128.load(pre), v128.load(bias)), bound)
  const mask1 = f32x4.gt(f32x4.add(v128.load(pre, 16), v128.load(bias, 16)), bound)
  const mask2 = f32x4.gt(f32x4.add(v128.load(pre, 32), v128.load(bias, 32)), bound)
  const mask3 = f32x4.gt(f32x4.add(v128.load(pre, 48), v128.load(bias, 48)), bound)
  if (!v128.any_true(v128.or(v128.or(mask0, mask1), v128.or(mask2, mask3)))) return 0
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(mask0, mask1), i16x8.narrow_i32x4_s(mask2, mask3)))
}

/** The same for the last, fewer than 16 numbers of a row. */
function aboveRest(pre: usize, bias: usize, count: i32, bound: f32): i32 {
  let mask = 0
  for (let at = 0; at < count; at++) {
    if (load<f32>(element(pre, at)) + load<f32>(element(bias, at)) > bound) mask |= 1 << at
  }
  return mask
}

let scanBound: f32 = 0

/**
 * Appends the keys of a row's numbers above `bound` to the `found` keys at `keys`, positions counted from `base`. When
 * the room of `capacity` keys is used up, only the `limit` largest stay and the bound rises to the least of them.
 * Returns how many keys there are now; `scanBound` holds the bound then.
 */
function scanRow(work: Work, row: i32, base: u32, bound: f32, keys: usize, found: i32, limit: i32): i32 {
  const latents = work.latents
  const pre = rowOf(work.pre, row, latents)
  const bias = work.encoderBias
  const full = keys + ((<usize>(work.keyCapacity - 16)) << 3)
  let end = keys + ((<usize>found) << 3)
  let bounds = f32x4.splat(bound)
  for (let block = 0; block < latents; block += 16) {
    const preBlock = element(pre, block)
    const biasBlock = element(bias, block)
    const rest = latents - block
    let mask = rest >= 16 ? above16(preBlock, biasBlock, bounds) : aboveRest(preBlock, biasBlock, rest, bound)
    if (mask === 0) continue
    if (end > full) {
      selectLargest(keys, <i32>((end - keys) >> 3), limit)
      end = keys + ((<usize>limit) << 3)
      bound = valueOf(leastKey(keys, limit))
      bounds = f32x4.splat(bound)
    }
    do {
      const bit = ctz(mask)
      mask &= mask - 1
      const value = load<f32>(element(preBlock, bit)) + load<f32>(element(biasBlock, bit))
      store<u64>(end, keyOf(value, base + <u32>(block + bit)))
      end += 8
    } while (mask !== 0)
  }
  scanBound = bound
  return <i32>((end - keys) >> 3)
}

function keysOf(work: Work, thread: i32): usize {
  return work.keys + ((<usize>thread * <usize>work.keyCapacity) << 3)
}

/** TopK for one row. The thread's bound follows the k-th value of its last rows; it changes nothing but the speed. */
export function selectRow(work: Work, thread: i32, row: i32): void {
  const k = work.k
  const keys = keysOf(work, thread)
  const warm = element(work.bounds, thread)
  const usual = load<f32>(warm)
  let found = scanRow(work, row, 0, usual * 0.9, keys, 0, k)
  if (found < k && usual > 0) found = scanRow(work, row, 0, 0, keys, 0, k)
  if (found > k) selectLargest(keys, found, k)
  if (found >= k) {
    const least = valueOf(leastKey(keys, k))
    store<f32>(warm, usual === 0 ? least : <f32>0.9 * usual + <f32>0.1 * least)
  } else store<f32>(warm, 0)
  const count = min(found, k)
  const start = row * k
  store<i32>(element(work.starts, row), start)
  store<i32>(element(work.ends, row), start + count)
  for (let at = 0; at < count; at++) {
    const key = load<u64>(keys + ((<usize>at) << 3))
    store<i32>(element(work.columns, start + at), <i32>positionOf(key))
    store<f32>(element(work.values, start + at), valueOf(key))
  }
}

/** BatchTopK, before the rows: every thread starts without candidates, at `bound`. */
export function beginCollecting(work: Work, bound: f32): void {
  for (let thread = 0; thread < work.threads; thread++) {
    store<i32>(element(work.keyCounts, thread), 0)
    store<f32>(element(work.bounds, thread), bound)
  }
}

/** BatchTopK for one row: its candidates join those of the thread. A thread gets its rows in ascending order. */
export function collectRow(work: Work, thread: i32, row: i32): void {
  const count = element(work.keyCounts, thread)
  const bound = element(work.bounds, thread)
  const base = <u32>row * <u32>work.latents
  const found = scanRow(work, row, base, load<f32>(bound), keysOf(work, thread), load<i32>(count), work.wanted)
  store<i32>(count, found)
  store<f32>(bound, scanBound)
}

/** BatchTopK, after the rows: the largest candidates of all threads, by row. Returns how many candidates there were. */
export function finishCollecting(work: Work): i32 {
  const keys = work.keys
  let found = 0
  for (let thread = 0; thread < work.threads; thread++) {
    const count = load<i32>(element(work.keyCounts, thread))
    memory.copy(keys + ((<usize>found) << 3), keysOf(work, thread), (<usize>count) << 3)
    found += count
  }
  if (found > work.wanted) selectLargest(keys, found, work.wanted)
  const count = min(found, work.wanted)
  const latents = <u32>work.latents
  memory.fill(work.ends, 0, (<usize>work.rows) << 2)
  for (let at = 0; at < count; at++) {
    const row = <i32>(positionOf(load<u64>(keys + ((<usize>at) << 3))) / latents)
    const end = element(work.ends, row)
    store<i32>(end, load<i32>(end) + 1)
  }
  let start = 0
  for (let row = 0; row < work.rows; row++) {
    const end = element(work.ends, row)
    const here = load<i32>(end)
    store<i32>(element(work.starts, row), start)
    store<i32>(end, start)
    start += here
  }
  for (let at = 0; at < count; at++) {
    const key = load<u64>(keys + ((<usize>at) << 3))
    const position = positionOf(key)
    const row = position / latents
    const end = element(work.ends, <i32>row)
    const place = load<i32>(end)
    store<i32>(end, place + 1)
    store<i32>(element(work.columns, place), <i32>(position - row * latents))
    store<f32>(element(work.values, place), valueOf(key))
  }
  return found
}

/** Puts the activations of a row into the order of their latents (insertion sort: they are few). */
export function sortRow(work: Work, row: i32): void {
  const start = element(work.columns, load<i32>(element(work.starts, row)))
  const end = element(work.columns, load<i32>(element(work.ends, row)))
  const toValue = work.values - work.columns
  for (let at = start; at < end; at += 4) {
    const column = load<i32>(at)
    const value = load<f32>(at + toValue)
    let hole = at
    for (; hole > start && load<i32>(hole - 4) > column; hole -= 4) {
      store<i32>(hole, load<i32>(hole - 4))
      store<f32>(hole + toValue, load<f32>(hole - 4 + toValue))
    }
    store<i32>(hole, column)
    store<f32>(hole + toValue, value)
  }
}
