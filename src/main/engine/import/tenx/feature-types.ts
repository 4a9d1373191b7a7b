// The matrices of a 10x file: genes first, every other type of feature (antibodies, guides, peaks) as a matrix of its own.
import { blockPart } from '../parts'
import { keepColumns } from '../rows'
import { reorderedColumn } from '../join/reorder'
import type { ExpressionSource, Frame, MatrixPart } from '../source-reader'

const genesFirst = 'Gene Expression'

/** Splits a matrix by `types`, one per column; 'X' holds the genes, or everything when no type is named so. */
export function byFeatureType(part: MatrixPart, genes: Frame, types: readonly string[]): ExpressionSource[] {
  const whole = { key: part.key, rows: part.rows, columns: part.columns, found: { part, error: null }, genes }
  const names = [...new Set(types)]
  if (names.length < 2) return [whole]
  const first = names.includes(genesFirst) ? genesFirst : names[0]
  const sorted = [first, ...names.filter((name) => name !== first)]
  return sorted.map((type) => {
    const columns = types.flatMap((each, column) => (each === type ? [column] : []))
    const key = type === first ? part.key : (type ?? '')
    return {
      key,
      rows: part.rows,
      columns: columns.length,
      found: { part: chosen(part, key, columns), error: null },
      genes: chosenRows(genes, columns),
      ...(type === undefined || type === genesFirst ? {} : { featureType: type }),
    }
  })
}

/** The genes of each genome alone, as `genome:<name>`, when the first matrix holds genes of several genomes. */
export function byGenome([whole]: readonly ExpressionSource[], genomes: readonly string[]): ExpressionSource[] {
  const part = whole?.found.part
  if (!part || genomes.length !== part.columns) return []
  const names = [...new Set(genomes)].filter((name) => name !== '')
  if (names.length < 2) return []
  return names.map((name) => {
    const columns = genomes.flatMap((each, column) => (each === name ? [column] : []))
    const key = `genome:${name}`
    const found = { part: chosen(part, key, columns), error: null }
    return { key, rows: part.rows, columns: columns.length, found, genes: chosenRows(whole.genes, columns) }
  })
}

function chosen(part: MatrixPart, key: string, columns: readonly number[]): MatrixPart {
  return blockPart({
    ...part,
    key,
    columns: columns.length,
    sample: async (rows) => keepColumns(await part.sample(rows), columns),
    async *blocks(tick, scratch) {
      for await (const { start, matrix } of part.blocks(tick, scratch)) yield { start, matrix: keepColumns(matrix, columns) }
    },
  })
}

function chosenRows(genes: Frame, rows: readonly number[]): Frame {
  const kept = Int32Array.from(rows)
  const columns = genes.columns.map(({ name, values }) => ({ name, values: reorderedColumn(values, kept) }))
  return { ...genes, rows: rows.length, index: rows.map((row) => genes.index[row] ?? ''), columns }
}
