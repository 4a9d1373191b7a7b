// Which gene tables an import looks names up in, and what the user said about the names.
import type { GeneChoice } from '@contract'
import type { Engine } from '../engine'
import type { GeneResolver } from '../import'
import { speciesChoice } from '../import/gene-species'
import { createGeneTable } from '../ontology/gene-table'
import { readUserGeneTable } from '../ontology/user-gene-table'

/** A table of the user's stands alone: names are looked up in nothing else. @param token of its file, if there is one */
export function geneNamesOf(
  engine: Engine,
  choice: GeneChoice | undefined,
  token: string | null | undefined,
): { resolver: GeneResolver; choice: GeneChoice } {
  if (!token) return { resolver: engine.ontology.catalogue.resolver, choice: choice ?? {} }
  const species = speciesChoice(choice?.species) ?? 'own gene table'
  const columns = readUserGeneTable(engine.path(token, 'data'), species)
  const table = createGeneTable(columns, () => engine.library.proteinsOf(species))
  return { resolver: { ...table, tables: [table] }, choice: { ...choice, species } }
}
