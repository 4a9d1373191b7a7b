// Warns where columns with a role say nearly the same of the cells.
import { cramersV } from '../../science/linked-columns'
import type { DatasetStore } from '../store/dataset'

/** From here on two columns are told to be strongly linked. */
const strong = 0.8

/** One sentence for each pair of columns with different roles that cannot be told apart by these cells. */
export function linkedColumnWarnings(dataset: Pick<DatasetStore, 'columns' | 'codes'>): string[] {
  const columns = dataset.columns().filter(({ role, kind }) => role !== null && kind === 'category')
  const codes = columns.map((column) => dataset.codes(column))
  return columns.flatMap((one, at) =>
    columns.slice(at + 1).flatMap((other, after) => {
      const v = cramersV(codes[at] as Int32Array, codes[at + 1 + after] as Int32Array)
      if (v === null || v < strong) return []
      return [
        `${one.name} and ${other.name} are strongly linked in these cells (Cramér's V ${v.toFixed(2)}): features cannot separate them.`,
      ]
    }),
  )
}
