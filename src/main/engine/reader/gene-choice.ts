// Which gene tables an import looks names up in, and what the user said about the names.
import type { GeneChoice } from '@contract'
import type { GeneResolver } from '../import'
import { speciesChoice } from '../import/gene-species'
import type { GeneCatalogue } from '../ontology'
import type { ProteinsOf } from '../ontology/gene-catalogue'
import { createGeneTable } from '../ontology/gene-table'
import { readUserGeneTable } from '../ontology/user-gene-table'

/** A table of the user's stands alone: names are looked up in nothing else. @param path of its file, if there is one */
export function geneNamesOf(
  catalogue: GeneCatalogue,
  proteinsOf: ProteinsOf,
  choice: GeneChoice | undefined,
  path: string | null,
): { resolver: GeneResolver; choice: GeneChoice } {
  if (path === null) return { resolver: catalogue.resolver, choice: choice ?? {} }
  const species = speciesChoice(choice?.species) ?? 'own gene table'
  const table = createGeneTable(readUserGeneTable(path, species), () => proteinsOf(species))
  return { resolver: { ...table, tables: [table] }, choice: { ...choice, species } }
}
