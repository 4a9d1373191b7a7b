// Reads of the imported data for the screen: map, cell columns, names, one gene.
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import type { StoredGene } from '../store/dataset'
import type { HandlersFor } from './handlers'

export const dataHandlers: HandlersFor<'map.read' | 'column.read' | 'cells.names' | 'gene.read' | 'feature.read' | 'rows.genes'> =
  {
    'map.read': (_params, engine) => {
      const { mapName } = engine.dataset
      if (mapName === null) refuse('NOTHING_FOUND', { what: 'a 2-D map' })
      return { name: mapName, xy: engine.project.dataset.map() }
    },
    'column.read': ({ name }, engine) => {
      const store = engine.project.dataset
      const found = store.columns().find((column) => column.name === name)
      if (!found) refuse('NOTHING_FOUND', { what: `the column ${name}` })
      const { id: _id, ...info } = found
      return {
        info,
        codes: found.kind === 'category' ? store.codes(found) : null,
        numbers: found.kind === 'number' ? store.numbers(found) : null,
      }
    },
    'cells.names': ({ cells }, engine) => {
      return { names: engine.project.dataset.namesOfCells(cells) }
    },
    'gene.read': ({ gene }, engine) => {
      const found = findGene(engine, gene)
      const values = new Float32Array(engine.dataset.rows)
      const stored = engine.project.dataset.geneValues(found.position)
      stored.indices.forEach((cell, at) => {
        values[cell] = stored.values[at] as number
      })
      return { gene: found.name, detected: found.detectedCells, values }
    },
    'feature.read': ({ block, feature }, engine) => {
      const { parts } = engine.project.dataset
      const found = parts.findFeature(block, feature)
      if (!found) refuse('NOTHING_FOUND', { what: `${feature} in ${block}` })
      const values = new Float32Array(engine.dataset.rows)
      const stored = parts.featureValues(found)
      stored.indices.forEach((cell, at) => (values[cell] = stored.values[at] as number))
      const { name, detectedCells, geneSymbol, geneDistance } = found
      const nearestGene = geneSymbol === null ? null : { symbol: geneSymbol, distance: geneDistance ?? 0 }
      return { feature: name, detected: detectedCells, nearestGene, values }
    },
    'rows.genes': ({ rows }, engine) => {
      const names = engine.project.dataset.namesOfCells(rows)
      const genes = engine.project.dataset.parts.rowGenes()
      return rows.flatMap((row, at) => {
        const gene = genes[row]
        return gene ? [{ row, name: names[at] ?? '', symbol: gene.symbol, method: gene.method }] : []
      })
    },
  }

/** A gene of the data by its name there, its symbol, an older name or an Ensembl id. */
export function findGene(engine: Engine, name: string): StoredGene {
  const store = engine.project.dataset
  const direct = store.findGene(name)
  if (direct) return direct
  const resolved = engine.ontology.genes.resolve(name).gene
  const other = resolved === null ? null : store.findOntologyGene(resolved)
  return other ?? refuse('NOTHING_FOUND', { what: `the gene ${name}` })
}
