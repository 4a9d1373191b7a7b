// Building blocks on rows of 32-bit floats, four at a time. Every sum has one fixed order (four accumulators of four
// lanes, then what is left over), so no result depends on which thread forms it. Lengths are in floats.
import { element, rowOf } from './work'

/** a · b + c, rounded twice: fused or relaxed forms differ between processors. */
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c)
}

function lanes(sum: v128): f32 {
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
}

/** Bytes of a row that whole vectors cover. */
function wholeBytes(length: i32): usize {
  return (<usize>(length & ~3)) << 2
}

export function dot(a: usize, b: usize, length: i32): f32 {
  let sum0 = f32x4.splat(0)
  let sum1 = f32x4.splat(0)
  let sum2 = f32x4.splat(0)
  let sum3 = f32x4.splat(0)
  const blocks: usize = (<usize>(length & ~15)) << 2
  const end: usize = (<usize>length) << 2
  let at: usize = 0
  for (; at < blocks; at += 64) {
    const left = a + at
    const right = b + at
    sum0 = multiplyAdd(v128.load(left), v128.load(right), sum0)
    sum1 = multiplyAdd(v128.load(left, 16), v128.load(right, 16), sum1)
    sum2 = multiplyAdd(v128.load(left, 32), v128.load(right, 32), sum2)
    sum3 = multiplyAdd(v128.load(left, 48), v128.load(right, 48), sum3)
  }
  let sum = lanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)))
  for (; at < end; at += 4) sum += load<f32>(a + at) * load<f32>(b + at)
  return sum
}

/** target += factor · source */
export function addScaled(target: usize, source: usize, factor: f32, length: i32): void {
  const factors = f32x4.splat(factor)
  const whole = wholeBytes(length)
  const end: usize = (<usize>length) << 2
  let at: usize = 0
  for (; at < whole; at += 16) v128.store(target + at, multiplyAdd(factors, v128.load(source + at), v128.load(target + at)))
  for (; at < end; at += 4) store<f32>(target + at, load<f32>(target + at) + factor * load<f32>(source + at))
}

/** target = a − b */
export function subtract(target: usize, a: usize, b: usize, length: i32): void {
  const whole = wholeBytes(length)
  const end: usize = (<usize>length) << 2
  let at: usize = 0
  for (; at < whole; at += 16) v128.store(target + at, f32x4.sub(v128.load(a + at), v128.load(b + at)))
  for (; at < end; at += 4) store<f32>(target + at, load<f32>(a + at) - load<f32>(b + at))
}

/** row *= factor; returns the squared length it had before. */
export function scaleRow(row: usize, factor: f32, length: i32): f32 {
  const factors = f32x4.splat(factor)
  const whole = wholeBytes(length)
  const end: usize = (<usize>length) << 2
  let squares = f32x4.splat(0)
  let at: usize = 0
  for (; at < whole; at += 16) {
    const values = v128.load(row + at)
    squares = multiplyAdd(values, values, squares)
    v128.store(row + at, f32x4.mul(values, factors))
  }
  let sum = lanes(squares)
  for (; at < end; at += 4) {
    const value = load<f32>(row + at)
    sum += value * value
    store<f32>(row + at, value * factor)
  }
  return sum
}

/**
 * target += Σ factors[at] · matrix[rows[at]] for `from` ≤ at < `to`, in this order. Takes eight rows of the matrix at a
 * time while the target stays in the first cache. factors: 32-bit floats; rows: 32-bit whole numbers.
 */
export function addRows(target: usize, matrix: usize, factors: usize, rows: usize, from: i32, to: i32, dims: i32): void {
  let at = from
  for (; at + 8 <= to; at += 8) addEight(target, matrix, element(factors, at), element(rows, at), dims)
  if (at + 4 <= to) {
    addFour(target, matrix, element(factors, at), element(rows, at), dims)
    at += 4
  }
  for (; at < to; at++)
    addScaled(target, rowOf(matrix, load<i32>(element(rows, at)), dims), load<f32>(element(factors, at)), dims)
}

function addEight(target: usize, matrix: usize, factors: usize, rows: usize, dims: i32): void {
  const whole = wholeBytes(dims)
  const end: usize = (<usize>dims) << 2
  const row0 = rowOf(matrix, load<i32>(rows), dims)
  const row1 = rowOf(matrix, load<i32>(rows, 4), dims)
  const row2 = rowOf(matrix, load<i32>(rows, 8), dims)
  const row3 = rowOf(matrix, load<i32>(rows, 12), dims)
  const row4 = rowOf(matrix, load<i32>(rows, 16), dims)
  const row5 = rowOf(matrix, load<i32>(rows, 20), dims)
  const row6 = rowOf(matrix, load<i32>(rows, 24), dims)
  const row7 = rowOf(matrix, load<i32>(rows, 28), dims)
  const factor0 = v128.load32_splat(factors)
  const factor1 = v128.load32_splat(factors, 4)
  const factor2 = v128.load32_splat(factors, 8)
  const factor3 = v128.load32_splat(factors, 12)
  const factor4 = v128.load32_splat(factors, 16)
  const factor5 = v128.load32_splat(factors, 20)
  const factor6 = v128.load32_splat(factors, 24)
  const factor7 = v128.load32_splat(factors, 28)
  let column: usize = 0
  for (; column < whole; column += 16) {
    let sum = multiplyAdd(factor0, v128.load(row0 + column), v128.load(target + column))
    sum = multiplyAdd(factor1, v128.load(row1 + column), sum)
    sum = multiplyAdd(factor2, v128.load(row2 + column), sum)
    sum = multiplyAdd(factor3, v128.load(row3 + column), sum)
    sum = multiplyAdd(factor4, v128.load(row4 + column), sum)
    sum = multiplyAdd(factor5, v128.load(row5 + column), sum)
    sum = multiplyAdd(factor6, v128.load(row6 + column), sum)
    v128.store(target + column, multiplyAdd(factor7, v128.load(row7 + column), sum))
  }
  if (column < end) {
    addRest(target, matrix, factors, rows, dims)
    addRest(target, matrix, factors + 16, rows + 16, dims)
  }
}

function addFour(target: usize, matrix: usize, factors: usize, rows: usize, dims: i32): void {
  const whole = wholeBytes(dims)
  const row0 = rowOf(matrix, load<i32>(rows), dims)
  const row1 = rowOf(matrix, load<i32>(rows, 4), dims)
  const row2 = rowOf(matrix, load<i32>(rows, 8), dims)
  const row3 = rowOf(matrix, load<i32>(rows, 12), dims)
  const factor0 = v128.load32_splat(factors)
  const factor1 = v128.load32_splat(factors, 4)
  const factor2 = v128.load32_splat(factors, 8)
  const factor3 = v128.load32_splat(factors, 12)
  for (let column: usize = 0; column < whole; column += 16) {
    let sum = multiplyAdd(factor0, v128.load(row0 + column), v128.load(target + column))
    sum = multiplyAdd(factor1, v128.load(row1 + column), sum)
    sum = multiplyAdd(factor2, v128.load(row2 + column), sum)
    v128.store(target + column, multiplyAdd(factor3, v128.load(row3 + column), sum))
  }
  addRest(target, matrix, factors, rows, dims)
}

/** The last, fewer than four columns of four rows. */
function addRest(target: usize, matrix: usize, factors: usize, rows: usize, dims: i32): void {
  for (let column = dims & ~3; column < dims; column++) {
    const place = element(target, column)
    let sum = load<f32>(place)
    for (let at = 0; at < 4; at++) {
      const row = rowOf(matrix, load<i32>(element(rows, at)), dims)
      sum += load<f32>(element(factors, at)) * load<f32>(element(row, column))
    }
    store<f32>(place, sum)
  }
}

/** As addRows, but sets `target` instead of adding to it. */
export function sumRows(target: usize, matrix: usize, factors: usize, rows: usize, from: i32, to: i32, dims: i32): void {
  if (from === to) {
    memory.fill(target, 0, (<usize>dims) << 2)
    return
  }
  const row = rowOf(matrix, load<i32>(rows + ((<usize>from) << 2)), dims)
  const factor = load<f32>(factors + ((<usize>from) << 2))
  const strengths = f32x4.splat(factor)
  const whole = wholeBytes(dims)
  const end: usize = (<usize>dims) << 2
  let at: usize = 0
  for (; at < whole; at += 16) v128.store(target + at, f32x4.mul(strengths, v128.load(row + at)))
  for (; at < end; at += 4) store<f32>(target + at, factor * load<f32>(row + at))
  addRows(target, matrix, factors, rows, from + 1, to, dims)
}

/** row −= along · unit; returns the squared length of the result. */
export function projectRow(row: usize, unit: usize, along: f32, length: i32): f32 {
  const factors = f32x4.splat(along)
  const whole = wholeBytes(length)
  const end: usize = (<usize>length) << 2
  let squares = f32x4.splat(0)
  let at: usize = 0
  for (; at < whole; at += 16) {
    const values = f32x4.sub(v128.load(row + at), f32x4.mul(factors, v128.load(unit + at)))
    squares = multiplyAdd(values, values, squares)
    v128.store(row + at, values)
  }
  let sum = lanes(squares)
  for (; at < end; at += 4) {
    const value = load<f32>(row + at) - along * load<f32>(unit + at)
    sum += value * value
    store<f32>(row + at, value)
  }
  return sum
}
