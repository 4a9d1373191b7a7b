// Which latents are on. Exact; of equal values the one with the lower position wins; only positive values are ever on;
// a NaN is never on. So the same numbers always give the same choice.
import { isOn, type Inference } from './inference'

export type Numbers = Float32Array | Float64Array

/** What is on in a batch: coordinates in row order (columns in no order within a row) with their activations. */
export interface Selection {
  readonly rows: Int32Array
  readonly columns: Int32Array
  readonly values: Numbers
  /** The smallest activation that is on; 0 when nothing is. */
  readonly smallest: number
}

export type SelectionRule = 'topk' | 'batchtopk'

/** The value at `rank` (0 = largest) of `values`, by Hoare's quickselect. Reorders `values`. */
export function valueAtRank(values: Numbers, rank: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >>> 1] as number
    let left = low
    let right = high
    while (left <= right) {
      while ((values[left] as number) > pivot) left++
      while ((values[right] as number) < pivot) right--
      if (left <= right) {
        const kept = values[left] as number
        values[left] = values[right] as number
        values[right] = kept
        left++
        right--
      }
    }
    if (rank <= right) high = right
    else if (rank >= left) low = left
    else break
  }
  return values[rank] as number
}

/** Positions (ascending) of the `count` largest of `values`, all of which must be positive. */
export function keepLargest(values: Numbers, count: number): Int32Array {
  if (values.length <= count) return Int32Array.from(values.keys())
  const kept = new Int32Array(count)
  if (count === 0) return kept
  const edge = valueAtRank(values.slice(), count - 1)
  let ties = count
  for (let at = 0; at < values.length; at++) if ((values[at] as number) > edge) ties--
  let taken = 0
  for (let at = 0; taken < count; at++) {
    const value = values[at] as number
    if (value > edge || (value === edge && ties-- > 0)) kept[taken++] = at
  }
  return kept
}

/** Positions (ascending, absolute) of what is on in one row, `pre[start … start + columns)`. `scratch` holds `columns` numbers. */
export function activeInRow(pre: Numbers, start: number, columns: number, inference: Inference, scratch: Int32Array): Int32Array {
  let found = 0
  if (inference.kind === 'thresholds' || inference.kind === 'gates') {
    for (let at = start; at < start + columns; at++) if (isOn(pre[at] as number, at - start, inference)) scratch[found++] = at
    return scratch.slice(0, found)
  }
  const bound = inference.kind === 'threshold' ? inference.threshold : 0
  for (let at = start; at < start + columns; at++) if ((pre[at] as number) > bound) scratch[found++] = at
  const on = scratch.subarray(0, found)
  if (inference.kind === 'threshold' || found <= inference.k) return on.slice()
  return keepLargest(
    Float64Array.from(on, (at) => pre[at] as number),
    inference.k,
  ).map((at) => on[at] as number)
}

/** The k largest positive pre-activations of each row of a row-major matrix with `columns` columns. */
export function selectTopK(pre: Numbers, columns: number, k: number): Selection {
  const scratch = new Int32Array(columns)
  const flat = new Int32Array((pre.length / columns) * Math.min(k, columns))
  let found = 0
  for (let start = 0; start < pre.length; start += columns) {
    const on = activeInRow(pre, start, columns, { kind: 'topk', k }, scratch)
    flat.set(on, found)
    found += on.length
  }
  return selectionAt(pre, columns, flat.subarray(0, found))
}

/** The `count` largest positive pre-activations of the whole batch. */
export function selectBatchTopK(pre: Numbers, columns: number, count: number): Selection {
  return selectionAt(pre, columns, activeInRow(pre, 0, pre.length, { kind: 'topk', k: count }, new Int32Array(pre.length)))
}

function selectionAt(pre: Numbers, columns: number, flat: Int32Array): Selection {
  const rows = new Int32Array(flat.length)
  const latents = new Int32Array(flat.length)
  const values = pre instanceof Float64Array ? new Float64Array(flat.length) : new Float32Array(flat.length)
  let smallest = Infinity
  for (let at = 0; at < flat.length; at++) {
    const position = flat[at] as number
    const row = Math.floor(position / columns)
    rows[at] = row
    latents[at] = position - row * columns
    values[at] = pre[position] as number
    if ((values[at] as number) < smallest) smallest = values[at] as number
  }
  return { rows, columns: latents, values, smallest: flat.length > 0 ? smallest : 0 }
}
