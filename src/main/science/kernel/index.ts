// The products of genes behind principal components, as a WebAssembly module with 128-bit vectors, in AssemblyScript. It allocates
// nothing: all memory is laid out by ../gene-products.ts, which gives addresses in bytes. Every sum has one fixed order.

/**
 * Adds the products of all pairs of values of each cell to the upper half of `sum` (genes × genes, 64-bit floats). The stored values
 * of the cells lie one after the other, `genesOf` (u32, ascending within a cell) beside `values` (64-bit floats); `cursors` and `ends`
 * (u32) say where those of each cell begin and end. Cursors are moved. `tile` rows of the sum at a time stay in the cache.
 */
export function addProducts(
  sum: usize,
  genes: u32,
  genesOf: usize,
  values: usize,
  cursors: usize,
  ends: usize,
  cells: u32,
  tile: u32,
): void {
  for (let stop: u32 = tile; ; stop += tile) {
    for (let cell: u32 = 0; cell < cells; cell++) {
      const cursor = cursors + ((<usize>cell) << 2)
      const end = load<u32>(ends + ((<usize>cell) << 2))
      let at = load<u32>(cursor)
      while (at < end) {
        const gene = load<u32>(genesOf + ((<usize>at) << 2))
        if (gene >= stop) break
        addScattered(
          sum + ((<usize>gene * genes) << 3),
          load<f64>(values + ((<usize>at) << 3)),
          genesOf + ((<usize>at) << 2),
          values + ((<usize>at) << 3),
          end - at,
        )
        at++
      }
      store<u32>(cursor, at)
    }
    if (stop >= genes) return
  }
}

/** row[places[i]] += factor · values[i]; the places differ, so that four additions need not wait for each other. */
function addScattered(row: usize, factor: f64, places: usize, values: usize, count: u32): void {
  const end = places + ((<usize>count) << 2)
  for (; places + 16 <= end; places += 16, values += 32) {
    const a = row + ((<usize>load<u32>(places)) << 3)
    const b = row + ((<usize>load<u32>(places, 4)) << 3)
    const c = row + ((<usize>load<u32>(places, 8)) << 3)
    const d = row + ((<usize>load<u32>(places, 12)) << 3)
    const first = load<f64>(a) + factor * load<f64>(values)
    const second = load<f64>(b) + factor * load<f64>(values, 8)
    const third = load<f64>(c) + factor * load<f64>(values, 16)
    const fourth = load<f64>(d) + factor * load<f64>(values, 24)
    store<f64>(a, first)
    store<f64>(b, second)
    store<f64>(c, third)
    store<f64>(d, fourth)
  }
  for (; places < end; places += 4, values += 8) {
    const a = row + ((<usize>load<u32>(places)) << 3)
    store<f64>(a, load<f64>(a) + factor * load<f64>(values))
  }
}

/** Rows [from, to) of `matrix` (size × size) times each of `width` rows of `block`: out[row of the block, row of the matrix]. */
export function multiplyRows(matrix: usize, block: usize, out: usize, size: u32, width: u32, from: u32, to: u32): void {
  const bytes = (<usize>size) << 3
  for (let row = from; row < to; row++) {
    const left = matrix + <usize>row * bytes
    let axis: u32 = 0
    for (; axis + 4 <= width; axis += 4) {
      const right = block + <usize>axis * bytes
      fourDots(left, right, out + <usize>axis * bytes + ((<usize>row) << 3), bytes)
    }
    for (; axis < width; axis++)
      store<f64>(out + <usize>axis * bytes + ((<usize>row) << 3), dot(left, block + <usize>axis * bytes, bytes))
  }
}

function lanes(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

/** The products of one row with four that follow each other, `bytes` apart, as the results are. */
function fourDots(left: usize, right: usize, out: usize, bytes: usize): void {
  const second = right + bytes
  const third = second + bytes
  const fourth = third + bytes
  let a = f64x2.splat(0)
  let b = f64x2.splat(0)
  let c = f64x2.splat(0)
  let d = f64x2.splat(0)
  let e = f64x2.splat(0)
  let f = f64x2.splat(0)
  let g = f64x2.splat(0)
  let h = f64x2.splat(0)
  let at: usize = 0
  for (; at + 32 <= bytes; at += 32) {
    const one = v128.load(left + at)
    const two = v128.load(left + at, 16)
    a = f64x2.add(a, f64x2.mul(one, v128.load(right + at)))
    b = f64x2.add(b, f64x2.mul(one, v128.load(second + at)))
    c = f64x2.add(c, f64x2.mul(one, v128.load(third + at)))
    d = f64x2.add(d, f64x2.mul(one, v128.load(fourth + at)))
    e = f64x2.add(e, f64x2.mul(two, v128.load(right + at, 16)))
    f = f64x2.add(f, f64x2.mul(two, v128.load(second + at, 16)))
    g = f64x2.add(g, f64x2.mul(two, v128.load(third + at, 16)))
    h = f64x2.add(h, f64x2.mul(two, v128.load(fourth + at, 16)))
  }
  store<f64>(out, lanes(f64x2.add(a, e)) + rest(left, right, at, bytes))
  store<f64>(out + bytes, lanes(f64x2.add(b, f)) + rest(left, second, at, bytes))
  store<f64>(out + 2 * bytes, lanes(f64x2.add(c, g)) + rest(left, third, at, bytes))
  store<f64>(out + 3 * bytes, lanes(f64x2.add(d, h)) + rest(left, fourth, at, bytes))
}

function dot(left: usize, right: usize, bytes: usize): f64 {
  let sum = f64x2.splat(0)
  let at: usize = 0
  for (; at + 16 <= bytes; at += 16) sum = f64x2.add(sum, f64x2.mul(v128.load(left + at), v128.load(right + at)))
  return lanes(sum) + rest(left, right, at, bytes)
}

/** The products of the last, fewer than four numbers. */
function rest(left: usize, right: usize, at: usize, bytes: usize): f64 {
  let sum: f64 = 0
  for (; at < bytes; at += 8) sum += load<f64>(left + at) * load<f64>(right + at)
  return sum
}

/** place += Σ values[i] · rows[genesOf[i]] over `count` values; rows are `width` 64-bit floats. */
export function addRows(place: usize, rows: usize, genesOf: usize, values: usize, count: u32, width: u32): void {
  const bytes = (<usize>width) << 3
  for (let at: u32 = 0; at < count; at++) {
    const row = rows + <usize>load<u32>(genesOf + ((<usize>at) << 2)) * bytes
    const value = load<f64>(values + ((<usize>at) << 3))
    const factor = f64x2.splat(value)
    let column: usize = 0
    for (; column + 16 <= bytes; column += 16)
      v128.store(place + column, f64x2.add(v128.load(place + column), f64x2.mul(factor, v128.load(row + column))))
    if (column < bytes) store<f64>(place + column, load<f64>(place + column) + value * load<f64>(row + column))
  }
}
