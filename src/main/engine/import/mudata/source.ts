// MuData files (.h5mu and Zarr): several kinds of data of overlapping cells. One of them gives the cells and is read like an
// AnnData file; parts of the others are listed as `mod/<name>/…`. Invariant: rows of different parts are matched through
// `obsmap` or by name, never by assuming the same order.
import type { Problem } from '@contract'
import { Refusal, refuse } from '../../../base/refusal'
import { embeddings, openAnndata } from '../anndata/source'
import { readFrame } from '../anndata/frame'
import { computedKey } from '../computed-axes'
import type { DataTree } from '../data-tree'
import { partWithGaps, reorderedColumn, reorderedPart } from '../join/reorder'
import { counted, info, warning } from '../problems'
import type { EmbeddingSource, ExpressionSource, FrameColumn, OpenSource, Wanted } from '../source-reader'

export const isMudata = (tree: DataTree): boolean => tree.keys('mod').some((name) => tree.has(`mod/${name}/obs`))

const usual = ['rna', 'gex', 'RNA', 'GEX']
const modalityIn = /^mod\/([^/]+)\//

export function openMudata(tree: DataTree, wanted: Wanted): OpenSource {
  const order = tree.attribute('mod', 'mod-order')
  const present = tree.keys('mod')
  const listed = Array.isArray(order) ? order.filter((name): name is string => present.includes(String(name))) : []
  const names = listed.length > 0 ? listed : present
  const chosen = chosenModality(names, wanted)
  if (chosen === undefined) return refuse('FILE_DAMAGED', { file: tree.fileName, why: 'it holds no kind of data' })
  const source = openAnndata(tree.below(`mod/${chosen}`))
  const problems: Problem[] = [...source.problems]
  const shared = sharedParts(tree, chosen, source, problems)
  const others = names.filter((name) => name !== chosen).flatMap((name) => otherModality(tree, name, chosen, source, problems))
  if (names.length > 1) problems.push(modalityNote(names, chosen, others))
  return {
    ...source,
    kind: 'h5mu',
    description: `MuData file, kind of data ${chosen}`,
    endings: ['.h5mu'],
    cells: { ...source.cells, columns: [...source.cells.columns, ...shared.columns] },
    embeddings: [...source.embeddings, ...shared.embeddings, ...others.flatMap((other) => other.embeddings)],
    expressions: [...source.expressions, ...others.flatMap((other) => other.expressions)],
    problems,
    localKey: (key) => (modalityIn.exec(key)?.[1] === chosen ? key.replace(modalityIn, '') : key),
  }
}

/**
 * The kind of data the wanted representation belongs to, or the wanted expression when the representation is left open or made
 * from it; else the first of gene expression, else the first.
 */
function chosenModality(names: readonly string[], { representation, expression }: Wanted): string | undefined {
  const open = representation === null || representation === computedKey
  const key = open && expression !== null ? expression : representation
  const named = key === null ? undefined : modalityIn.exec(key)?.[1]
  return names.find((name) => name === named) ?? usual.find((name) => names.includes(name)) ?? names[0]
}

interface Shared {
  readonly columns: readonly FrameColumn[]
  readonly embeddings: readonly EmbeddingSource[]
}

type Parts = Pick<OpenSource, 'embeddings' | 'expressions'>

function modalityNote(names: readonly string[], chosen: string, others: readonly Parts[]): Problem {
  const kept = new Set(
    others.flatMap(({ expressions }) => expressions.flatMap((each) => (each.found.part ? [each.featureType] : []))),
  )
  const left = names.filter((name) => name !== chosen)
  const parts = [
    `${chosen} is read`,
    ...left.map((name) => (kept.has(name) ? `${name} is kept beside it as further features` : `${name} is not`)),
  ]
  const remedy = `To take the cells of another one, choose one of its parts, for example mod/${left[0] ?? ''}/X.`
  return info('MODALITY_CHOSEN', `The file holds several kinds of data; ${parts.join(', ')}.`, remedy)
}

/** What another kind of data holds, for the cells of the chosen one where it has all of them. */
function otherModality(tree: DataTree, name: string, chosen: string, source: OpenSource, problems: Problem[]): Parts[] {
  try {
    const other = openAnndata(tree.below(`mod/${name}`))
    const rows = rowsOfOther(tree, name, chosen, source, other)
    const missing = rows.filter((row) => row < 0).length
    const kept = missing === 0 ? Uint32Array.from(rows) : null
    if (missing > 0) {
      const message = `${counted(missing)} of ${counted(rows.length)} cells have no ${name}; they count as having none of its features.`
      problems.push(warning('FEATURES_PARTLY', message, 'Compare only cells that have both kinds of data.'))
    }
    const cells = `${counted(other.cells.rows)} cells of its own (${name}); ${counted(missing)} of the cells of ${chosen} are not among them`
    return [
      {
        embeddings: other.embeddings.map((each) => {
          const key = `mod/${name}/${each.key}`
          if (each.found.part === null || each.rows !== other.cells.rows) return { ...each, key }
          if (kept === null) return { ...each, key, apart: cells }
          const part = { ...reorderedPart(each.found.part, kept), key }
          return { ...each, key, rows: kept.length, found: { part, error: null } }
        }),
        expressions: other.expressions.map((each): ExpressionSource => {
          const key = `mod/${name}/${each.key}`
          if (each.found.part === null) return { ...each, key, featureType: name }
          const part = { ...partWithGaps(each.found.part, rows), key }
          const further = { ...each, key, rows: rows.length, featureType: name, found: { part, error: null } }
          return kept === null ? { ...further, apart: cells } : further
        }),
      },
    ]
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    const message = `The kind of data ${name} cannot be read: ${thrown.error.message}`
    problems.push(warning('MODALITY_LEFT_OUT', message, thrown.error.remedy))
    return []
  }
}

/** For every cell of the chosen kind of data its row in the other one, or −1. */
function rowsOfOther(tree: DataTree, name: string, chosen: string, source: OpenSource, other: OpenSource): Int32Array {
  if (tree.has(`obsmap/${chosen}`) && tree.has(`obsmap/${name}`)) {
    const there = tree.array(`obsmap/${name}`).numbers()
    return rowsInFile(tree, chosen, source.cells.rows).map((row) => {
      const found = row < 0 ? -1 : (there[row] ?? 0) - 1
      return found < other.cells.rows ? found : -1
    })
  }
  const places = new Map(other.cells.index.map((cell, row) => [cell, row]))
  return Int32Array.from(source.cells.index, (cell) => places.get(cell) ?? -1)
}

/** For every cell of one kind of data its row in the whole file, or −1; `obsmap` counts from 1, and 0 is a cell without it. */
function rowsInFile(tree: DataTree, modality: string, cells: number): Int32Array {
  const map = tree.array(`obsmap/${modality}`).numbers()
  const rows = new Int32Array(cells).fill(-1)
  for (let row = 0; row < map.length; row++) {
    const cell = (map[row] as number) - 1
    if (cell >= 0 && cell < cells) rows[cell] = row
  }
  return rows
}

/** Columns and representations of the whole file for the cells of one kind of data. */
function sharedParts(tree: DataTree, modality: string, source: OpenSource, problems: Problem[]): Shared {
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

function ordered(each: EmbeddingSource, expected: number, rows: Int32Array): EmbeddingSource {
  if (each.found.part === null || each.rows !== expected) return each
  return { ...each, rows: rows.length, found: { part: reorderedPart(each.found.part, Uint32Array.from(rows)), error: null } }
}
