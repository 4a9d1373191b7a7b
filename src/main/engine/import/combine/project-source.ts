// The data of a project as a source, so that rows, columns and matrices of a file can be joined with it like with another file.
import type { Role } from '@contract'
import type { Csr } from '../../../base/sparse'
import { memoryPart, rowPart } from '../parts'
import type { ColumnValues, ExpressionSource, OpenSource } from '../source-reader'

/** What a project holds, in memory. */
export interface StoredData {
  readonly sourceName: string
  readonly cellIds: readonly string[]
  readonly columns: readonly StoredDataColumn[]
  readonly representation: { readonly key: string; readonly dims: number; readonly values: Float32Array }
  readonly expression: {
    readonly key: string
    readonly matrix: Csr
    readonly genes: readonly { readonly name: string; readonly symbol: string | null }[]
  } | null
}

export interface StoredDataColumn {
  readonly name: string
  readonly role: Role | null
  readonly colours: readonly string[] | null
  readonly values: ColumnValues
}

const rowsAtOnce = 4096

export function projectSource({ sourceName, cellIds, columns, representation, expression }: StoredData): OpenSource {
  const { key, dims, values } = representation
  const rows = cellIds.length
  const read = (start: number, stop: number): Float32Array => values.subarray(start * dims, stop * dims)
  const part = rowPart(key, { rows, columns: dims, rowsAtOnce, read })
  const expressions: ExpressionSource[] = []
  if (expression) {
    const { matrix, genes } = expression
    const symbols = { name: 'gene_symbols', values: { kind: 'text' as const, texts: genes.map((gene) => gene.symbol) } }
    expressions.push({
      key: expression.key,
      rows,
      columns: matrix.columns,
      found: { part: memoryPart(expression.key, matrix, false), error: null },
      genes: { rows: genes.length, index: genes.map((gene) => gene.name), madeUp: false, columns: [symbols], problems: [] },
    })
  }
  return {
    kind: 'project',
    description: `project made from ${sourceName}`,
    endings: [],
    columns: expression?.matrix.columns ?? dims,
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
    logRecorded: expression !== null,
    problems: [],
    stops: [],
    colours: (name, levels) => {
      const colours = columns.find((column) => column.name === name)?.colours ?? null
      return colours?.length === levels ? colours : null
    },
  }
}
