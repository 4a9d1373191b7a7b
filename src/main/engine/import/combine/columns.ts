// Columns of several tables under each other: the same name is the same column, and what a table lacks is missing there.
import type { ColumnValues, Frame, FrameColumn } from '../source-reader'
import { textAt } from './subset'

/** All columns of all frames, in the order in which they first appear. */
export function stackedColumns(frames: readonly Frame[]): FrameColumn[] {
  const names = [...new Set(frames.flatMap((frame) => frame.columns.map((column) => column.name)))]
  return names.map((name) => {
    const parts = frames.map(({ rows, columns }) => ({
      rows,
      values: columns.find((column) => column.name === name)?.values ?? null,
    }))
    return { name, values: stackedValues(parts) }
  })
}

interface Part {
  readonly rows: number
  readonly values: ColumnValues | null
}

function stackedValues(parts: readonly Part[]): ColumnValues {
  const present = parts.flatMap(({ values }) => (values ? [values] : []))
  if (present.every((values) => values.kind === 'category')) return stackedCategory(parts, present)
  if (present.every((values) => values.kind === 'number')) {
    const values = Float64Array.from(parts.flatMap((part) => numbersOf(part)))
    return { kind: 'number', values, whole: present.every((each) => each.whole) }
  }
  return { kind: 'text', texts: parts.flatMap(textsOf) }
}

const numbersOf = ({ rows, values }: Part): number[] =>
  values?.kind === 'number' ? Array.from(values.values) : new Array<number>(rows).fill(NaN)

const textsOf = ({ rows, values }: Part): (string | null)[] =>
  Array.from({ length: rows }, (_, row) => (values ? textAt(values, row) || null : null))

function stackedCategory(parts: readonly Part[], present: readonly Extract<ColumnValues, { kind: 'category' }>[]): ColumnValues {
  const levels = [...new Set(present.flatMap((values) => values.levels))]
  const codeOf = new Map(levels.map((level, code) => [level, code]))
  const codes = new Int32Array(parts.reduce((sum, part) => sum + part.rows, 0)).fill(-1)
  let start = 0
  for (const { rows, values } of parts) {
    if (values?.kind === 'category') {
      const translated = values.levels.map((level) => codeOf.get(level) ?? -1)
      values.codes.forEach((code, row) => (codes[start + row] = translated[code] ?? -1))
    }
    start += rows
  }
  return { kind: 'category', levels, codes }
}
