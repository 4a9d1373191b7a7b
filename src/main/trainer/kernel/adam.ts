// Adam on one row, with and without a gradient.
const share1: f32 = 0.1 // 1 − β₁
const share2: f32 = 0.001 // 1 − β₂
const epsilon: f32 = 1e-8
/**
 * Added and subtracted where there is no gradient, this number stops moments from fading below 1e-32, where they make no
 * difference. Left alone they would end as subnormal numbers, which are a hundred times slower to compute with.
 */
const floor: f32 = 1e-25

function sumOf(lengths: v128): f32 {
  const low = f32x4.extract_lane(lengths, 0) + f32x4.extract_lane(lengths, 1)
  return low + (f32x4.extract_lane(lengths, 2) + f32x4.extract_lane(lengths, 3))
}

/**
 * One update of `value`. `rate` is the learning rate / (1 − β₁ᵗ), `unbias` is 1 / (1 − β₂ᵗ). Returns the squared length
 * of the new row.
 */
export function adamRow(value: usize, mean: usize, square: usize, gradient: usize, length: i32, rate: f32, unbias: f32): f32 {
  const shares1 = f32x4.splat(share1)
  const shares2 = f32x4.splat(share2)
  const rates = f32x4.splat(rate)
  const unbiases = f32x4.splat(unbias)
  const epsilons = f32x4.splat(epsilon)
  const whole: usize = (<usize>(length & ~3)) << 2
  const end: usize = (<usize>length) << 2
  let lengths = f32x4.splat(0)
  let at: usize = 0
  for (; at < whole; at += 16) {
    const slope = v128.load(gradient + at)
    let first = v128.load(mean + at)
    let second = v128.load(square + at)
    first = f32x4.add(first, f32x4.mul(shares1, f32x4.sub(slope, first)))
    second = f32x4.add(second, f32x4.mul(shares2, f32x4.sub(f32x4.mul(slope, slope), second)))
    v128.store(mean + at, first)
    v128.store(square + at, second)
    const step = f32x4.div(f32x4.mul(rates, first), f32x4.add(f32x4.sqrt(f32x4.mul(second, unbiases)), epsilons))
    const moved = f32x4.sub(v128.load(value + at), step)
    v128.store(value + at, moved)
    lengths = f32x4.add(lengths, f32x4.mul(moved, moved))
  }
  let squared = sumOf(lengths)
  for (; at < end; at += 4) {
    const slope = load<f32>(gradient + at)
    let first = load<f32>(mean + at)
    let second = load<f32>(square + at)
    first = first + share1 * (slope - first)
    second = second + share2 * (slope * slope - second)
    store<f32>(mean + at, first)
    store<f32>(square + at, second)
    const moved = load<f32>(value + at) - (rate * first) / (sqrt<f32>(second * unbias) + epsilon)
    store<f32>(value + at, moved)
    squared += moved * moved
  }
  return squared
}

/** The same for a row whose gradient is 0: the moments fade, and the row moves on. */
export function coastRow(value: usize, mean: usize, square: usize, length: i32, rate: f32, unbias: f32): f32 {
  const shares1 = f32x4.splat(share1)
  const shares2 = f32x4.splat(share2)
  const floors = f32x4.splat(floor)
  const rates = f32x4.splat(rate)
  const unbiases = f32x4.splat(unbias)
  const epsilons = f32x4.splat(epsilon)
  const whole: usize = (<usize>(length & ~3)) << 2
  const end: usize = (<usize>length) << 2
  let lengths = f32x4.splat(0)
  let at: usize = 0
  for (; at < whole; at += 16) {
    let first = v128.load(mean + at)
    let second = v128.load(square + at)
    first = f32x4.sub(f32x4.add(f32x4.sub(first, f32x4.mul(shares1, first)), floors), floors)
    second = f32x4.sub(f32x4.add(f32x4.sub(second, f32x4.mul(shares2, second)), floors), floors)
    v128.store(mean + at, first)
    v128.store(square + at, second)
    const step = f32x4.div(f32x4.mul(rates, first), f32x4.add(f32x4.sqrt(f32x4.mul(second, unbiases)), epsilons))
    const moved = f32x4.sub(v128.load(value + at), step)
    v128.store(value + at, moved)
    lengths = f32x4.add(lengths, f32x4.mul(moved, moved))
  }
  let squared = sumOf(lengths)
  for (; at < end; at += 4) {
    let first = load<f32>(mean + at)
    let second = load<f32>(square + at)
    first = first - share1 * first + floor - floor
    second = second - share2 * second + floor - floor
    store<f32>(mean + at, first)
    store<f32>(square + at, second)
    const moved = load<f32>(value + at) - (rate * first) / (sqrt<f32>(second * unbias) + epsilon)
    store<f32>(value + at, moved)
    squared += moved * moved
  }
  return squared
}
