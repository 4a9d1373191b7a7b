// Adam on one row. Moments that have faded below 1e-32 become 0: left alone they would end as subnormal numbers, which
// never fade further and are a hundred times slower to compute with.
const share1: f32 = 0.1 // 1 − β₁
const share2: f32 = 0.001 // 1 − β₂
const epsilon: f32 = 1e-8
/** Adding and subtracting this number rounds to multiples of 6e-33, which takes nothing from numbers that matter. */
const floor: f32 = 1e-25

/**
 * One update of `value` with the gradient `clip` · `gradient`. `rate` is the learning rate / (1 − β₁ᵗ), `unbias` is
 * 1 / (1 − β₂ᵗ). Returns the squared length of the new row.
 */
export function adamRow(
  value: usize,
  mean: usize,
  square: usize,
  gradient: usize,
  length: i32,
  clip: f32,
  rate: f32,
  unbias: f32,
): f32 {
  const shares1 = f32x4.splat(share1)
  const shares2 = f32x4.splat(share2)
  const floors = f32x4.splat(floor)
  const clips = f32x4.splat(clip)
  const rates = f32x4.splat(rate)
  const unbiases = f32x4.splat(unbias)
  const epsilons = f32x4.splat(epsilon)
  const whole: usize = (<usize>(length & ~3)) << 2
  const end: usize = (<usize>length) << 2
  let lengths = f32x4.splat(0)
  let at: usize = 0
  for (; at < whole; at += 16) {
    const slope = f32x4.mul(v128.load(gradient + at), clips)
    let first = v128.load(mean + at)
    let second = v128.load(square + at)
    first = f32x4.add(first, f32x4.mul(shares1, f32x4.sub(slope, first)))
    second = f32x4.add(second, f32x4.mul(shares2, f32x4.sub(f32x4.mul(slope, slope), second)))
    first = f32x4.sub(f32x4.add(first, floors), floors)
    second = f32x4.sub(f32x4.add(second, floors), floors)
    v128.store(mean + at, first)
    v128.store(square + at, second)
    const step = f32x4.div(f32x4.mul(rates, first), f32x4.add(f32x4.sqrt(f32x4.mul(second, unbiases)), epsilons))
    const moved = f32x4.sub(v128.load(value + at), step)
    v128.store(value + at, moved)
    lengths = f32x4.add(lengths, f32x4.mul(moved, moved))
  }
  let squared =
    f32x4.extract_lane(lengths, 0) +
    f32x4.extract_lane(lengths, 1) +
    (f32x4.extract_lane(lengths, 2) + f32x4.extract_lane(lengths, 3))
  for (; at < end; at += 4) {
    const slope = load<f32>(gradient + at) * clip
    let first = load<f32>(mean + at)
    let second = load<f32>(square + at)
    first = first + share1 * (slope - first) + floor - floor
    second = second + share2 * (slope * slope - second) + floor - floor
    store<f32>(mean + at, first)
    store<f32>(square + at, second)
    const moved = load<f32>(value + at) - (rate * first) / (sqrt<f32>(second * unbias) + epsilon)
    store<f32>(value + at, moved)
    squared += moved * moved
  }
  return squared
}
