// Candidates as 64-bit keys: the bits of a positive float above the complement of its position. Keys compare as "larger
// value first, then lower position" and are all different, so what is selected does not depend on the order of work.

export function keyOf(value: f32, position: u32): u64 {
  return ((<u64>reinterpret<u32>(value)) << 32) | (<u64>~position)
}

export function valueOf(key: u64): f32 {
  return reinterpret<f32>(<u32>(key >> 32))
}

export function positionOf(key: u64): u32 {
  return ~(<u32>key)
}

/** Puts the `count` largest of `length` keys at `start` first, in no order (Hoare's quickselect, median of three). */
export function selectLargest(start: usize, length: i32, count: i32): void {
  let low = start
  let high = start + ((<usize>(length - 1)) << 3)
  const edge = start + ((<usize>(count - 1)) << 3)
  while (low < high) {
    const pivot = median(load<u64>(low), load<u64>(low + (((high - low) >> 4) << 3)), load<u64>(high))
    let left = low
    let right = high
    while (left <= right) {
      while (load<u64>(left) > pivot) left += 8
      while (load<u64>(right) < pivot) right -= 8
      if (left <= right) {
        const kept = load<u64>(left)
        store<u64>(left, load<u64>(right))
        store<u64>(right, kept)
        left += 8
        right -= 8
      }
    }
    if (edge <= right) high = right
    else if (edge >= left) low = left
    else return
  }
}

function median(a: u64, b: u64, c: u64): u64 {
  const low = min(a, c)
  const high = max(a, c)
  return min(max(b, low), high)
}

/** The least of `length` keys, of which there must be one. */
export function leastKey(start: usize, length: i32): u64 {
  let least = u64.MAX_VALUE
  const end = start + ((<usize>length) << 3)
  for (let at = start; at < end; at += 8) least = min(least, load<u64>(at))
  return least
}
