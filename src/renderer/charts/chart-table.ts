// The table twin of a chart: the same numbers, sortable and copyable.
// Pure. Cells are numbers or words; how a number is written is up to the column.
export interface ChartColumn {
  readonly key: string
  readonly title: string
  /** Words of a number; numbers are right-aligned. Without it the value is shown as it is. */
  readonly format?: (value: number) => string
}
export type ChartCell = string | number | null
export interface ChartTable {
  readonly columns: readonly ChartColumn[]
  readonly rows: readonly (readonly ChartCell[])[]
}

export interface TableSort {
  readonly column: number
  readonly descending: boolean
}

/** Rows in the order asked for; missing values always come last, ties keep their order. */
export function sortedRows(table: ChartTable, sort: TableSort | null): readonly (readonly ChartCell[])[] {
  if (sort === null) return table.rows
  return [...table.rows].sort((a, b) => compareCells(a[sort.column] ?? null, b[sort.column] ?? null, sort.descending))
}

/** Orders two cells; null is always last. Words compare by language, with numbers inside them by size. */
export function compareCells(a: ChartCell, b: ChartCell, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })
  return descending ? -order : order
}

/** One cell as it is read on the screen. */
export function cellText(column: ChartColumn | undefined, value: ChartCell): string {
  if (value === null) return '—'
  return typeof value === 'number' && column?.format ? column.format(value) : String(value)
}

function csvCell(value: ChartCell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** CSV (RFC 4180, UTF-8 with byte order mark) with a header line; numbers in full, formulas disarmed by an apostrophe. */
export function tableAsCsv(table: ChartTable): string {
  const lines = [table.columns.map(({ title }) => title), ...table.rows].map((cells) => cells.map(csvCell).join(','))
  return `\ufeff${lines.join('\r\n')}\r\n`
}

const plainCell = (value: ChartCell): string => (value === null ? '' : String(value).replace(/[\t\n\r]+/g, ' '))

/** Tab-separated with a header line; numbers in full, so that a spreadsheet can calculate with them. */
export function tableAsTsv(table: ChartTable, rows: readonly (readonly ChartCell[])[] = table.rows): string {
  const head = table.columns.map((column) => plainCell(column.title))
  return [head, ...rows.map((row) => row.map(plainCell))].map((cells) => cells.join('\t')).join('\n')
}
