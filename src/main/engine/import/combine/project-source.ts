// The data of a project as a source, so that rows, columns and matrices of a file can be joined with it like with another file.
// Invariant: cell names and columns are in memory, matrices stay in the scratch files the engine wrote for this.
import type { Role } from '@contract'
import { changeRows, type ScaleChange } from '../../../science/normalise'
import type { NumberFile, Scratch, TextFile } from '../../scratch/folder'
import { rowsOf, type PagedFile } from '../../scratch/paged'
import { blockPart, rowPart } from '../parts'
import { keepRows, stackRows } from '../rows'
import type { ColumnValues, ExpressionSource, MatrixPart, OpenSource } from '../source-reader'

/** What a project holds, as scratch files of `folder`; it can cross to another process. */
export interface StoredData {
  readonly folder: string
  readonly sourceName: string
  readonly fingerprint: string
  readonly cellIds: TextFile
  readonly columns: readonly StoredDataColumn[]
  readonly representation: { readonly key: string; readonly dims: number; readonly values: NumberFile }
  readonly expression: StoredExpression | null
}

export interface StoredDataColumn {
  readonly name: string
  readonly role: Role | null
  readonly colours: readonly string[] | null
  readonly values: ColumnValues
}

export interface StoredExpression {
  readonly key: string
  /** Cells × genes; values as stored, which `change` brings to the scale of the statistics. */
  readonly byCell: PagedFile
  readonly change: ScaleChange
  /** The stored values are counts, told by themselves: they are given as they are, so that totals per cell stay known. */
  readonly counts: boolean
  /** f64 per cell. */
  readonly factors: NumberFile | null
  readonly genes: readonly { readonly name: string; readonly symbol: string | null }[]
}

const rowsAtOnce = 4096

/** `cellIds` are the names in `stored`. */
export function projectSource(stored: StoredData, cellIds: readonly string[], scratch: Scratch): OpenSource {
  const { sourceName, columns, representation, expression } = stored
  const { key, dims, values } = representation
  const rows = cellIds.length
  const read = (start: number, stop: number): Float32Array => new Float32Array(scratch.slice(values, start * dims, stop * dims))
  const part = rowPart(key, { rows, columns: dims, rowsAtOnce, read })
  const expressions: ExpressionSource[] = []
  if (expression) {
    const { genes } = expression
    const symbols = { name: 'gene_symbols', values: { kind: 'text' as const, texts: genes.map((gene) => gene.symbol) } }
    expressions.push({
      key: expression.key,
      rows,
      columns: genes.length,
      found: { part: pagedPart(expression, scratch), error: null },
      genes: { rows: genes.length, index: genes.map((gene) => gene.name), madeUp: false, columns: [symbols], problems: [] },
    })
  }
  return {
    kind: 'project',
    description: `project made from ${sourceName}`,
    endings: [],
    columns: expression?.genes.length ?? dims,
    columnsAre: expression ? 'gene' : 'dimension',
    cells: {
      rows,
      index: cellIds,
      madeUp: false,
      columns: columns.map(({ name, values: own }) => ({ name, values: own })),
      problems: [],
    },
    embeddings: [{ key, rows, dims, found: { part, error: null }, leftOut: [] }],
    expressions,
    logRecorded: expression !== null && !expression.counts,
    problems: [],
    stops: [],
    colours: (name, levels) => {
      const colours = columns.find((column) => column.name === name)?.colours ?? null
      return colours?.length === levels ? colours : null
    },
  }
}

/** A matrix in pages, on the scale of the statistics or as counts. */
function pagedPart({ key, byCell, change, counts, factors }: StoredExpression, scratch: Scratch): MatrixPart {
  const all = factors && new Float64Array(scratch.read(factors))
  const { rows, columns, stored } = byCell
  function* changed(): Generator<{ start: number; matrix: ReturnType<typeof stackRows> }> {
    for (const { start, matrix } of rowsOf(scratch, byCell)) {
      changeRows(matrix, counts ? 'none' : change, all && all.subarray(start, start + matrix.rows))
      yield { start, matrix }
    }
  }
  return blockPart({
    key,
    rows,
    columns,
    dense: false,
    stored,
    sample(wanted) {
      const found = []
      let next = 0
      for (const { start, matrix } of changed()) {
        const first = next
        while (next < wanted.length && (wanted[next] as number) < start + matrix.rows) next++
        const own = wanted.subarray(first, next).map((row) => row - start)
        if (own.length > 0) found.push(keepRows(matrix, own))
        if (next === wanted.length) break
      }
      return Promise.resolve(stackRows(found, columns))
    },
    async *blocks(tick) {
      for (const block of changed()) {
        yield block
        await tick(block.matrix.values.length)
      }
    },
  })
}
