// The genes of the open data (columns of the expression, or the rows where rows are genes or proteins) as the present gene tables number them. Numbers are stored with the checksum of their table; where
// another version of it is installed now, the names are looked up again, so that an old project never points at wrong genes.
import { resolveName } from '../import/gene-names'
import type { GeneTable, Ontology } from '../ontology'
import type { Project } from '../project/project'
import type { StoredGene } from '../store/dataset'

export interface ProjectGenes {
  /** In words; "human" for data of before species were told apart. */
  readonly species: string
  /** The bundled table of the species; null when there is none (a table of the user's was used, or none). */
  readonly table: GeneTable | null
  /** `ontologyGene` is a number of `table`, or null. Without a table it is only a mark of a known gene. */
  readonly genes: readonly StoredGene[]
}

/**
 * Whether the rows of the representation stand for genes or proteins instead of cells. Also where no row could be mapped at the
 * import: annotations installed since then may know their names.
 */
export const rowsAreGenes = (project: Project): boolean => (project.dataset.get()?.rowKind ?? 'cells') !== 'cells'

/** Data of before species were told apart are human. */
export const speciesOf = (dataset: { readonly species: string | null }): string => dataset.species ?? 'human'

export function projectGenes(project: Project, ontology: Ontology): ProjectGenes {
  const dataset = project.dataset.get()
  const species = dataset ? speciesOf(dataset) : 'human'
  const genes = rowsAreGenes(project) ? geneRows(project) : project.dataset.genes()
  // Data whose species stayed unclear were looked up in the human table, if in any.
  const table = ontology.catalogue.of(species === 'unknown' ? 'human' : species)
  const isCurrent = table === null || dataset?.geneTable == null || dataset.geneTable === table.version
  if (isCurrent) return { species, table, genes }
  const present = new Set(genes.map((gene) => gene.original ?? gene.name))
  return {
    species,
    table,
    genes: genes.map((gene) => {
      const byId = gene.id === null ? null : table.resolve(gene.id)
      const found = byId?.gene != null ? byId : resolveName(gene.original ?? gene.name, table, present)
      // A species that is not sure was mapped by exact names only.
      const number = species === 'unknown' && found.method === 'case' ? null : found.gene
      return { ...gene, ontologyGene: number, method: found.method }
    }),
  }
}

function geneRows(project: Project): StoredGene[] {
  const names = project.dataset.cellNames()
  return project.dataset.parts.rowGenes().map(({ row, symbol, ontologyGene, method }) => {
    const name = symbol ?? names[row] ?? ''
    return { ...{ position: row, name, symbol, ontologyGene, method, original: name }, ...unknownOfRow }
  })
}

const unknownOfRow = { detectedCells: 0, id: null, entrez: null, biotype: null }
