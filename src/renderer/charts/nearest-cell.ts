// Which cell lies under the pointer: a grid of buckets over the map, so that a million cells answer within a frame.
// Pure. Cells without a place are never found; of two cells at one spot the later one (drawn on top) is found.
import { extentOf, type Extent } from './cell-map-scale'

export interface CellGrid {
  readonly xy: Float32Array
  readonly extent: Extent
  readonly columns: number
  readonly rows: number
  /** Start of each bucket in `cells`, plus one end. */
  readonly starts: Uint32Array
  readonly cells: Uint32Array
}

const cellsPerBucket = 4
const mostBuckets = 1024

export function buildCellGrid(xy: Float32Array): CellGrid {
  const count = xy.length / 2
  const side = Math.max(1, Math.min(mostBuckets, Math.round(Math.sqrt(count / cellsPerBucket))))
  const extent = extentOf(xy)
  const frame = { extent, columns: side, rows: side }
  const starts = new Uint32Array(side * side + 1)
  const bucketOf = new Int32Array(count)
  for (let cell = 0; cell < count; cell++) {
    const bucket = bucketAt(frame, xy[2 * cell] ?? Number.NaN, xy[2 * cell + 1] ?? Number.NaN)
    bucketOf[cell] = bucket
    if (bucket >= 0) starts[bucket + 1] = (starts[bucket + 1] ?? 0) + 1
  }
  for (let bucket = 0; bucket < side * side; bucket++) starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0)
  const cells = new Uint32Array(starts.at(-1) ?? 0)
  const next = starts.slice()
  for (let cell = 0; cell < count; cell++) {
    const bucket = bucketOf[cell] ?? -1
    if (bucket < 0) continue
    const at = next[bucket] ?? 0
    cells[at] = cell
    next[bucket] = at + 1
  }
  return { xy, ...frame, starts, cells }
}

type Frame = Pick<CellGrid, 'extent' | 'columns' | 'rows'>

const columnAt = ({ extent, columns }: Frame, x: number): number =>
  Math.min(columns - 1, Math.max(0, Math.floor(((x - extent.left) / (extent.right - extent.left || 1)) * columns)))
const rowAt = ({ extent, rows }: Frame, y: number): number =>
  Math.min(rows - 1, Math.max(0, Math.floor(((y - extent.bottom) / (extent.top - extent.bottom || 1)) * rows)))

function bucketAt(frame: Frame, x: number, y: number): number {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return -1
  return rowAt(frame, y) * frame.columns + columnAt(frame, x)
}

/** The cell nearest to a place within `radius` (map units), or null. */
export function nearestCell(grid: CellGrid, x: number, y: number, radius: number): number | null {
  let best: number | null = null
  let bestDistance = radius * radius
  const [firstColumn, lastColumn] = [columnAt(grid, x - radius), columnAt(grid, x + radius)]
  for (let row = rowAt(grid, y - radius); row <= rowAt(grid, y + radius); row++) {
    const from = grid.starts[row * grid.columns + firstColumn] ?? 0
    const to = grid.starts[row * grid.columns + lastColumn + 1] ?? 0
    for (let at = from; at < to; at++) {
      const cell = grid.cells[at] ?? 0
      const distance = ((grid.xy[2 * cell] ?? 0) - x) ** 2 + ((grid.xy[2 * cell + 1] ?? 0) - y) ** 2
      if (distance <= bestDistance) {
        best = cell
        bestDistance = distance
      }
    }
  }
  return best
}
