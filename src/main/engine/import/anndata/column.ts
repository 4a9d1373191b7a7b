// One column of an AnnData table, in every encoding from anndata 0.7 to today.
// Invariant: missing is code −1, NaN or null; it is never an empty string or a zero.
import { refuse } from '../../../base/refusal'
import type { DataArray, DataTree } from '../data-tree'
import type { ColumnValues } from '../source-reader'

const textsAtOnce = 200_000

/** Reads the column at `path`; refuses with PART_UNREADABLE when its encoding is unknown. */
export function readColumn(tree: DataTree, path: string, label: string): ColumnValues {
  const encoding = tree.text(path, 'encoding-type')
  if (tree.kind(path) === 'group') {
    if (encoding === 'categorical' || (encoding === null && tree.has(`${path}/codes`) && tree.has(`${path}/categories`))) {
      return categories(tree.array(`${path}/codes`), levelsAt(tree, `${path}/categories`))
    }
    if (encoding?.startsWith('nullable-') && tree.has(`${path}/values`) && tree.has(`${path}/mask`)) return nullable(tree, path)
    const version = tree.text(path, 'encoding-version')
    const kind = encoding === null ? 'in an unknown way' : `in a newer way (${encoding}${version ? `, version ${version}` : ''})`
    refuse('PART_UNREADABLE', {
      part: label,
      why: `it is stored ${kind}`,
      next: 'Everything else can be imported; this column is skipped.',
    })
  }
  const array = tree.array(path)
  const reference = tree.labelsOf(path)
  return reference === null ? plainColumn(array) : categories(array, levelsAt(tree, reference))
}

/** Names of the levels; they may be text, numbers, yes/no or text with gaps. */
function levelsAt(tree: DataTree, path: string): string[] {
  return textsOf(tree.kind(path) === 'group' ? nullable(tree, path) : plainColumn(tree.array(path))).map((text) => text ?? '')
}

/** A column as text, for names and levels. */
export function textsOf(column: ColumnValues): (string | null)[] {
  if (column.kind === 'text') return [...column.texts]
  if (column.kind === 'category') return Array.from(column.codes, (code) => column.levels[code] ?? null)
  return Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)))
}

export function categories(codes: DataArray, levels: readonly string[]): ColumnValues {
  return { kind: 'category', levels, codes: boundedCodes(codes.numbers(), levels.length) }
}

/** A code without a level is a missing value, never a wrong label. */
export function boundedCodes(codes: ArrayLike<number>, levels: number): Int32Array {
  const out = new Int32Array(codes.length)
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number
    out[row] = code >= 0 && code < levels ? code : -1
  }
  return out
}

export function plainColumn(array: DataArray): ColumnValues {
  if ((array.shape?.length ?? 0) > 1) {
    refuse('PART_UNREADABLE', { part: array.path, why: `it has ${array.shape?.length} dimensions where one is expected` })
  }
  if (array.isText) return { kind: 'text', texts: readTexts(array) }
  const numbers = array.numbers()
  if (array.truth) return truthColumn(numbers)
  return numberColumn(numbers)
}

export function truthColumn(numbers: ArrayLike<number>): ColumnValues {
  return { kind: 'category', levels: ['no', 'yes'], codes: Int32Array.from(numbers, (value) => (value ? 1 : 0)) }
}

export function numberColumn(numbers: ArrayLike<number>): ColumnValues {
  const values = Float64Array.from(numbers, (value) => (Number.isFinite(value) ? value : NaN))
  return { kind: 'number', values, whole: values.every((value) => Number.isNaN(value) || Number.isInteger(value)) }
}

export function readTexts(array: DataArray): string[] {
  const texts: string[] = []
  for (let start = 0; start < array.rows; start += textsAtOnce) {
    for (const text of array.texts(start, Math.min(array.rows, start + textsAtOnce))) texts.push(text)
  }
  return texts
}

function nullable(tree: DataTree, path: string): ColumnValues {
  const mask = tree.array(`${path}/mask`).numbers()
  const values = plainColumn(tree.array(`${path}/values`))
  if (values.kind === 'text') return { kind: 'text', texts: values.texts.map((text, row) => (mask[row] ? null : text)) }
  if (values.kind === 'category') return { ...values, codes: values.codes.map((code, row) => (mask[row] ? -1 : code)) }
  const kept = values.values.map((value, row) => (mask[row] ? NaN : value))
  return { kind: 'number', values: kept, whole: values.whole }
}
