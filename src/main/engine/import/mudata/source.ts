// MuData files (.h5mu): several kinds of data of overlapping cells; one of them is read like an AnnData file.
// Invariant: rows of different parts are matched through `obsmap`, never by assuming the same order.
import type { Problem } from '@contract'
import { Refusal, refuse } from '../../../base/refusal'
import { embeddings, openAnndata } from '../anndata/source'
import { readFrame } from '../anndata/frame'
import type { DataTree } from '../data-tree'
import { reorderedColumn, reorderedPart } from '../join/reorder'
import { info, warning } from '../problems'
import type { EmbeddingSource, FrameColumn, OpenSource } from '../source-reader'

export const isMudata = (tree: DataTree): boolean => tree.keys('mod').some((name) => tree.has(`mod/${name}/obs`))

const usual = ['rna', 'gex', 'RNA', 'GEX']

export function openMudata(tree: DataTree): OpenSource {
  const order = tree.attribute('mod', 'mod-order')
  const present = tree.keys('mod')
  const listed = Array.isArray(order) ? order.filter((name): name is string => present.includes(String(name))) : []
  const names = listed.length > 0 ? listed : present
  const chosen = usual.find((name) => names.includes(name)) ?? names[0]
  if (chosen === undefined) return refuse('FILE_DAMAGED', { file: tree.fileName, why: 'it holds no kind of data' })
  const source = openAnndata(tree.below(`mod/${chosen}`))
  const problems: Problem[] = [...source.problems]
  if (names.length > 1) {
    const others = names.filter((name) => name !== chosen).join(', ')
    const message = `The file holds several kinds of data; ${chosen} is read, ${others} is not.`
    problems.push(
      info(
        'MODALITY_CHOSEN',
        message,
        `To use another one, write it in Python: mdata.mod['${names.find((name) => name !== chosen) ?? ''}'].write_h5ad('f.h5ad').`,
      ),
    )
  }
  const shared = sharedParts(tree, chosen, source, problems)
  return {
    ...source,
    kind: 'h5mu',
    description: `MuData file, kind of data ${chosen}`,
    endings: ['.h5mu'],
    cells: { ...source.cells, columns: [...source.cells.columns, ...shared.columns] },
    embeddings: [...source.embeddings, ...shared.embeddings],
    problems,
  }
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

interface Shared {
  readonly columns: readonly FrameColumn[]
  readonly embeddings: readonly EmbeddingSource[]
}

function ordered(each: EmbeddingSource, expected: number, rows: Int32Array): EmbeddingSource {
  if (each.found.part === null || each.rows !== expected) return each
  return { ...each, rows: rows.length, found: { part: reorderedPart(each.found.part, Uint32Array.from(rows)), error: null } }
}
