// MuData files (.h5mu): several kinds of data of overlapping cells; one of them is read like an AnnData file.
// Invariant: rows of different parts are matched through `obsmap`, never by assuming the same order.
import type { Problem } from '@contract'
import { Refusal, refuse } from '../../../base/refusal'
import { embeddings, openAnndata } from '../anndata/source'
import { readFrame } from '../anndata/frame'
import type { H5Tree } from '../hdf5/tree'
import { partWithGaps, reorderedColumn, reorderedPart } from '../join/reorder'
import { counted, info, warning } from '../problems'
import type { EmbeddingSource, ExpressionSource, FrameColumn, OpenSource } from '../source-reader'

export const isMudata = (tree: H5Tree): boolean => tree.keys('mod').some((name) => tree.has(`mod/${name}/obs`))

const usual = ['rna', 'gex', 'RNA', 'GEX']

export function openMudata(tree: H5Tree): OpenSource {
  const order = tree.attribute('mod', 'mod-order')
  const present = tree.keys('mod')
  const listed = Array.isArray(order) ? order.filter((name): name is string => present.includes(String(name))) : []
  const names = listed.length > 0 ? listed : present
  const chosen = usual.find((name) => names.includes(name)) ?? names[0]
  if (chosen === undefined) return refuse('FILE_DAMAGED', { file: tree.fileName, why: 'it holds no kind of data' })
  const source = openAnndata(tree.below(`mod/${chosen}`))
  const problems: Problem[] = [...source.problems]
  const shared = sharedParts(tree, chosen, source, problems)
  const further = names.filter((name) => name !== chosen).flatMap((name) => furtherKind(tree, name, chosen, source, problems))
  if (names.length > 1) problems.push(modalityNote(names, chosen, further))
  return {
    ...source,
    kind: 'h5mu',
    description: `MuData file, kind of data ${chosen}`,
    endings: ['.h5mu'],
    cells: { ...source.cells, columns: [...source.cells.columns, ...shared.columns] },
    embeddings: [...source.embeddings, ...shared.embeddings],
    expressions: [...source.expressions, ...further],
    problems,
  }
}

function modalityNote(names: readonly string[], chosen: string, further: readonly ExpressionSource[]): Problem {
  const kept = further.map((each) => each.featureType ?? '')
  const left = names.filter((name) => name !== chosen && !kept.includes(name))
  const parts = [
    `${chosen} is read`,
    ...(kept.length > 0 ? [`${kept.join(', ')} is kept beside it as further features`] : []),
    ...(left.length > 0 ? [`${left.join(', ')} is not`] : []),
  ]
  const other = names.find((name) => name !== chosen) ?? ''
  const remedy = `To take the cells of another one, write it in Python: mdata.mod['${other}'].write_h5ad('f.h5ad').`
  return info('MODALITY_CHOSEN', `The file holds several kinds of data; ${parts.join(', ')}.`, remedy)
}

/** The matrix of another kind of data for the cells that are read; a cell without it has no values there. */
function furtherKind(tree: H5Tree, name: string, chosen: string, source: OpenSource, problems: Problem[]): ExpressionSource[] {
  const { rows } = source.cells
  try {
    const other = openAnndata(tree.below(`mod/${name}`))
    const matrix = other.expressions.find((each) => each.key === 'X')
    if (!matrix?.found.part || !tree.has(`obsmap/${name}`)) return []
    const [here, there] = [rowsInFile(tree, chosen, rows), rowsInFile(tree, name, other.cells.rows)]
    const rowThere = new Map(Array.from(there, (place, row) => [place, row]))
    const places = Int32Array.from(here, (place) => (place < 0 ? -1 : (rowThere.get(place) ?? -1)))
    const lacking = places.filter((place) => place < 0).length
    if (lacking > 0) {
      const message = `${counted(lacking)} of ${counted(rows)} cells have no ${name}; they count as having none of its features.`
      problems.push(warning('FEATURES_PARTLY', message, 'Compare only cells that have both kinds of data.'))
    }
    const key = `mod/${name}/X`
    const part = { ...partWithGaps(matrix.found.part, places), key }
    return [{ ...matrix, key, rows, featureType: name, found: { part, error: null } }]
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    const message = `${name} cannot be read and is left out: ${thrown.error.message}`
    problems.push(warning('FEATURES_LEFT_OUT', message, thrown.error.remedy))
    return []
  }
}

/** For every cell of one kind of data its row in the whole file, or −1; `obsmap` counts from 1, and 0 is a cell without it. */
function rowsInFile(tree: H5Tree, modality: string, cells: number): Int32Array {
  const map = tree.array(`obsmap/${modality}`).numbers()
  const rows = new Int32Array(cells).fill(-1)
  for (let row = 0; row < map.length; row++) {
    const cell = (map[row] as number) - 1
    if (cell >= 0 && cell < cells) rows[cell] = row
  }
  return rows
}

/** Columns and representations of the whole file for the cells of one kind of data. */
function sharedParts(tree: H5Tree, modality: string, source: OpenSource, problems: Problem[]): Shared {
  if (!tree.has('obs') || !tree.has(`obsmap/${modality}`)) return { columns: [], embeddings: [] }
  try {
    const shared = readFrame(tree, 'obs', null)
    const rows = rowsInFile(tree, modality, source.cells.rows)
    const taken = new Set(source.cells.columns.map((column) => column.name))
    const columns = shared.columns.flatMap(({ name, values }) => {
      // Older writers repeat the columns of every kind of data under "rna:name".
      if (taken.has(name) || taken.has(name.replace(/^[^:]+:/, ''))) return []
      return [{ name, values: reorderedColumn(values, rows) }]
    })
    const known = new Set(source.embeddings.map((each) => each.key))
    const everywhere = rows.every((row) => row >= 0)
    const joint = everywhere ? embeddings(tree, shared.rows).filter((each) => !known.has(each.key)) : []
    return { columns, embeddings: joint.map((each) => ordered(each, shared.rows, rows)) }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    const message = `The parts shared by all kinds of data cannot be read: ${thrown.error.message}`
    problems.push(warning('COLUMN_SKIPPED', message, thrown.error.remedy))
    return { columns: [], embeddings: [] }
  }
}

interface Shared {
  readonly columns: readonly FrameColumn[]
  readonly embeddings: readonly EmbeddingSource[]
}

function ordered(each: EmbeddingSource, expected: number, rows: Int32Array): EmbeddingSource {
  if (each.found.part === null || each.rows !== expected) return each
  return { ...each, rows: rows.length, found: { part: reorderedPart(each.found.part, Uint32Array.from(rows)), error: null } }
}
