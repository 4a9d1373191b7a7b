// From values per cell to the nine classes of a ramp, and from a point cloud to an equal-scale window.
// Pure; typed arrays in, typed arrays out. Class 0 is "off" (or missing), classes 1–8 rise with the value.

export interface Ramp {
  /** Class of every cell, 0..8. */
  readonly classes: Uint8Array
  /** Value at the lower end of class 1 and at the upper end of class 8 (the 99.5th percentile of the values shown). */
  readonly lower: number
  readonly upper: number
  /** Cells per class. */
  readonly counts: readonly number[]
  /** True when some cells lie above `upper`: the end of the colour bar is then marked "≥". */
  readonly clipped: boolean
}

export const rampClasses = 8
const upperPercentile = 0.995

/** The value below which a share of the sorted values lies (nearest rank). */
export function sortedQuantile(sorted: Float32Array, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))
  return sorted[rank] ?? Number.NaN
}

/** Eight equal steps from 0 to the 99.5th percentile of the values above 0; a cell at 0 or without value is off. */
export function rampAboveZero(values: Float32Array): Ramp {
  const shown = values.filter((value) => value > 0).sort()
  const upper = sortedQuantile(shown, upperPercentile)
  return classify(values, 0, upper, (shown.at(-1) ?? 0) > upper, (value) => value > 0)
}

/** Eight equal steps over all values between the 0.5th and the 99.5th percentile; class 0 holds the missing ones. */
export function rampOverRange(values: Float32Array): Ramp {
  const shown = values.filter((value) => Number.isFinite(value)).sort()
  const upper = sortedQuantile(shown, upperPercentile)
  return classify(values, sortedQuantile(shown, 1 - upperPercentile), upper, (shown.at(-1) ?? 0) > upper, Number.isFinite)
}

function classify(
  values: Float32Array,
  lower: number,
  upper: number,
  clipped: boolean,
  isShown: (value: number) => boolean,
): Ramp {
  const classes = new Uint8Array(values.length)
  const counts = new Array<number>(rampClasses + 1).fill(0)
  const span = upper - lower
  for (let cell = 0; cell < values.length; cell++) {
    const value = values[cell] ?? Number.NaN
    let step = 0
    if (isShown(value)) {
      const share = span > 0 ? (value - lower) / span : 1
      step = Math.min(rampClasses, Math.max(1, 1 + Math.floor(share * rampClasses)))
    }
    classes[cell] = step
    counts[step] = (counts[step] ?? 0) + 1
  }
  return { classes, lower, upper, counts, clipped }
}

/** Splits flat x,y pairs by class into flat arrays, keeping the order of cells; cells without a place are left out. */
export function pointsByClass(xy: Float32Array, classes: Uint8Array, classCount: number): Float32Array[] {
  const counts = new Array<number>(classCount).fill(0)
  const hasPlace = (cell: number): boolean => Number.isFinite(xy[2 * cell]) && Number.isFinite(xy[2 * cell + 1])
  for (let cell = 0; cell < classes.length; cell++) {
    const step = classes[cell] ?? 0
    if (hasPlace(cell)) counts[step] = (counts[step] ?? 0) + 1
  }
  const points = counts.map((count) => new Float32Array(2 * count))
  const filled = new Array<number>(classCount).fill(0)
  for (let cell = 0; cell < classes.length; cell++) {
    if (!hasPlace(cell)) continue
    const step = classes[cell] ?? 0
    const target = points[step]
    const at = filled[step] ?? 0
    if (target === undefined) continue
    target[at] = xy[2 * cell] ?? 0
    target[at + 1] = xy[2 * cell + 1] ?? 0
    filled[step] = at + 2
  }
  return points
}

export interface Extent {
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly top: number
}

/** The bounds of a point cloud; a unit square when it is empty. */
export function extentOf(xy: Float32Array): Extent {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let at = 0; at + 1 < xy.length; at += 2) {
    const x = xy[at] ?? Number.NaN
    const y = xy[at + 1] ?? Number.NaN
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    if (x < left) left = x
    if (x > right) right = x
    if (y < bottom) bottom = y
    if (y > top) top = y
  }
  return left > right ? { left: 0, right: 1, bottom: 0, top: 1 } : { left, right, bottom, top }
}

/** Widens one direction so that one unit is as long on x as on y in a frame of the given size in pixels. */
export function equalScale(extent: Extent, width: number, height: number): Extent {
  const spanX = extent.right - extent.left || 1
  const spanY = extent.top - extent.bottom || 1
  if (width <= 0 || height <= 0) return extent
  const unit = Math.max(spanX / width, spanY / height)
  const centreX = (extent.left + extent.right) / 2
  const centreY = (extent.bottom + extent.top) / 2
  return {
    left: centreX - (unit * width) / 2,
    right: centreX + (unit * width) / 2,
    bottom: centreY - (unit * height) / 2,
    top: centreY + (unit * height) / 2,
  }
}

const [fewCells, manyCells] = [2_000, 200_000]
const [largestPoint, smallestPoint] = [3.6, 1.2]

/** Point size in pixels: 3.6 up to 2,000 cells, falling with the logarithm of their number to 1.2 at 200,000. */
export function pointSize(cells: number): number {
  const share = Math.log(Math.max(1, cells) / fewCells) / Math.log(manyCells / fewCells)
  return largestPoint + (smallestPoint - largestPoint) * Math.min(1, Math.max(0, share))
}

export interface GroupPlace {
  readonly name: string
  readonly x: number
  readonly y: number
}

/** Where the name of each group stands: the median of its cells on both axes. Groups under `fewest` cells have none. */
export function groupMedians(xy: Float32Array, codes: Int32Array, levels: readonly string[], fewest = 3): GroupPlace[] {
  const sizes = new Uint32Array(levels.length)
  for (const code of codes) if (code >= 0) sizes[code] = (sizes[code] ?? 0) + 1
  const xs = Array.from(sizes, (size) => new Float32Array(size))
  const ys = Array.from(sizes, (size) => new Float32Array(size))
  const filled = new Uint32Array(levels.length)
  for (let cell = 0; cell < codes.length; cell++) {
    const code = codes[cell] ?? -1
    const x = xy[2 * cell] ?? Number.NaN
    const y = xy[2 * cell + 1] ?? Number.NaN
    const [groupX, groupY] = [xs[code], ys[code]]
    if (groupX === undefined || groupY === undefined || !Number.isFinite(x) || !Number.isFinite(y)) continue
    const at = filled[code] ?? 0
    groupX[at] = x
    groupY[at] = y
    filled[code] = at + 1
  }
  return levels.flatMap((name, code) => {
    const count = filled[code] ?? 0
    if (count < fewest) return []
    return [{ name, x: median(xs[code], count), y: median(ys[code], count) }]
  })
}

function median(numbers: Float32Array | undefined, count: number): number {
  return numbers === undefined ? Number.NaN : sortedQuantile(numbers.slice(0, count).sort(), 0.5)
}
