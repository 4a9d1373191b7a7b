// How the names of genes (or of rows that are genes or proteins) were understood, one line per name, as a table.
import type { Engine } from '../engine'
import { cleanGeneName } from '../ontology/gene-names'
import { writeRows, type Cell } from './csv'

const columns = [
  'name',
  'original_name',
  'cleaned_name',
  'method',
  'status',
  'symbol',
  'gene_id',
  'entrez',
  'biotype',
  'detected_cells',
  'species',
  'gene_table',
] as const

/** Answers the path and its size. Refuses with NO_DATA, FOLDER_NOT_FOUND. */
export function writeMapping(engine: Engine, path: string): Promise<{ path: string; bytes: number }> {
  return writeRows(path, mappingRows(engine))
}

/** Rows that are genes first, then the genes of the expression. */
function* mappingRows(engine: Engine): Generator<Cell[]> {
  const { rowKind, species } = engine.dataset
  const { project } = engine
  const { catalogue, genes } = engine.ontology
  const table = (species === null ? genes : catalogue.of(species))?.release ?? null
  yield [...columns]
  if (rowKind !== 'cells') {
    const names = project.dataset.cellNames()
    for (const { row, symbol, ontologyGene, method } of project.dataset.parts.rowGenes()) {
      const name = names[row] ?? ''
      const status = statusOf(ontologyGene, method)
      yield [name, name, cleaned(name), method, status, symbol, null, null, null, null, species, table]
    }
  }
  for (const gene of project.dataset.genes()) {
    const original = gene.original ?? gene.name
    const status = statusOf(gene.ontologyGene, gene.method)
    const { name, method, symbol, id, entrez, biotype, detectedCells } = gene
    yield [name, original, cleaned(original), method, status, symbol, id, entrez, biotype, detectedCells, species, table]
  }
}

const statusOf = (gene: number | null, method: string): string =>
  gene !== null ? 'mapped' : method === 'ambiguous' ? 'ambiguous' : 'unmapped'

/** What was looked up: without version, prefix of the organism and the like. */
function cleaned(name: string): string {
  const { ensembl, symbol, protein } = cleanGeneName(name)
  return ensembl ?? symbol ?? protein ?? name.trim()
}
