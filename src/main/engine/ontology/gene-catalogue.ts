// The gene tables at hand: human and mouse as bundled, any other species from a file of the user's. Read when first asked for.
import type { GeneResolver } from '../import/gene-resolver'
import { humanColumns, mouseColumns, readOrthologs, type OrthologPairs } from './gene-columns'
import { createGeneTable, type GeneTable } from './gene-table'
import type { GeneColumns } from './resource'

export interface GeneCatalogue {
  readonly human: GeneTable
  /** The bundled table of a species; null when there is none. */
  of(species: string): GeneTable | null
  /** One-to-one pairs of mouse and human genes; null where the resource has none. */
  readonly orthologs: OrthologPairs | null
  /** What the importer chooses from. */
  readonly resolver: GeneResolver
}

/** UniProt accessions of a species with the symbols of their genes, from installed annotation files. */
export type ProteinsOf = (species: string) => ReadonlyMap<string, string>

/** @throws Refusal ONTOLOGY_MISSING, at the first use of a table that is damaged */
export function createGeneCatalogue(folder: string, annotated: () => GeneColumns, proteinsOf: ProteinsOf): GeneCatalogue {
  let human: GeneTable | null = null
  let mouse: GeneTable | null | undefined
  let orthologs: OrthologPairs | null | undefined
  const tables = {
    get human(): GeneTable {
      return (human ??= createGeneTable(humanColumns(folder, annotated()), () => proteinsOf('human')))
    },
    get mouse(): GeneTable | null {
      if (mouse !== undefined) return mouse
      const columns = mouseColumns(folder)
      return (mouse = columns && createGeneTable(columns, () => proteinsOf('mouse')))
    },
  }
  function* all(): Generator<GeneTable> {
    yield tables.human
    if (tables.mouse) yield tables.mouse
  }
  return {
    get human() {
      return tables.human
    },
    of: (species) => (species === 'human' ? tables.human : species === 'mouse' ? tables.mouse : null),
    get orthologs() {
      return (orthologs ??= readOrthologs(folder, annotated().ids.length))
    },
    resolver: {
      // Numbers of the mouse table follow the human ones, so that a number says which table it is of.
      resolve: (name) => {
        let before = 0
        for (const table of all()) {
          const found = table.resolve(name)
          if (found.gene !== null) return { ...found, gene: before + found.gene }
          before += table.count
        }
        return { gene: null, method: 'unmapped' }
      },
      symbolOf: (gene) => {
        let rest = gene
        for (const table of all()) {
          if (rest < table.count) return table.symbolOf(rest)
          rest -= table.count
        }
        return ''
      },
      tables: { [Symbol.iterator]: all },
    },
  }
}
