// Reads of the imported data for the screen: map, cell columns, names, one gene.
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import type { StoredGene } from '../store/dataset'
import type { HandlersFor } from './handlers'

export const dataHandlers: HandlersFor<'map.read' | 'column.read' | 'cells.names' | 'gene.read'> = {
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
