// Which gene each row stands for, where rows are genes or proteins.
import type { Project } from '../project/project'

export interface RowGenes {
  /** Number in the ontology's gene table per row, −1 without one. */
  readonly numbers: Int32Array
  /** Symbol per row; null where the gene is not known. */
  readonly symbols: readonly (string | null)[]
}

/** Null where rows are cells. */
export function rowGenesOf(project: Project): RowGenes | null {
  const rows = project.dataset.parts.rowGenes()
  if (rows.length === 0) return null
  return {
    numbers: Int32Array.from(rows, ({ ontologyGene }) => ontologyGene ?? -1),
    symbols: rows.map(({ symbol }) => symbol),
  }
}
