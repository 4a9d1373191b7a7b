// Which gene each row stands for, where rows are genes or proteins.
import type Database from 'better-sqlite3'
import { hasTable } from './present-columns'

export interface RowGenes {
  /** Number in the ontology's gene table per row, −1 without one. */
  readonly numbers: Int32Array
  /** Symbol per row; null where the gene is not known. */
  readonly symbols: readonly (string | null)[]
}

/** Null where rows are cells. */
export function openRowGenes(db: Database.Database): () => RowGenes | null {
  if (!hasTable(db, 'row_gene')) return () => null
  const all = db.prepare<[], { row: number; symbol: string | null; gene: number | null }>(
    'SELECT row, symbol, ontology_gene AS gene FROM row_gene ORDER BY row',
  )
  return () => {
    const rows = all.all()
    if (rows.length === 0) return null
    return { numbers: Int32Array.from(rows, (one) => one.gene ?? -1), symbols: rows.map((one) => one.symbol) }
  }
}
