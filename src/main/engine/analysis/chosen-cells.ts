// From cells that the user chose, on the map or in a list, to the latents that tell them from all others.
import type { CellsSearch } from '@contract'
import { refuse } from '../../base/refusal'
import { createGroupScorer } from '../../science/group-association'
import type { Engine } from '../engine'
import { readTextFile } from '../ontology/text-lines'

const note =
  'The cells were chosen by eye, perhaps on a map made from the same representation, so these numbers rank features: they are no test.'
const latentsPerBreath = 32
const examplesShown = 5

interface Chosen {
  readonly cells: Uint32Array | readonly number[] | null
  /** Token of a file with one cell name per line. */
  readonly file: string | null
}

/** @throws Refusal USAGE without cells or with both kinds, NOTHING_FOUND when no name is a cell, BAD_REQUEST for a row beyond the last */
export async function findByCells(engine: Engine, run: number, chosen: Chosen): Promise<CellsSearch> {
  if ((chosen.cells === null) === (chosen.file === null))
    refuse('USAGE', { what: 'Cells are chosen by their rows or by a file of names.' })
  const { rows } = engine.dataset
  const { codes, unknown } = chosen.file === null ? byRow(chosen.cells ?? [], rows) : byName(engine, chosen.file)
  const cells = codes.reduce((count, code) => count + (code === 0 ? 1 : 0), 0)
  if (cells === 0) refuse('USAGE', { what: 'No cell was chosen.' })
  const score = createGroupScorer([{ codes, levels: 1 }], rows)
  const byLatent = engine.project.runs.byLatent(run)
  const matches: CellsSearch['matches'] = []
  for (const { id, label, activeCells } of engine.project.runs.latents(run)) {
    if (id % latentsPerBreath === 0) await new Promise((resolve) => setImmediate(resolve))
    if (activeCells === 0) continue
    const [from, to] = [byLatent.indptr[id] as number, byLatent.indptr[id + 1] as number]
    const [found] = score({ cells: byLatent.indices.subarray(from, to), values: byLatent.values.subarray(from, to) })
    if (!found) continue
    const [auroc, precision, recall, f1, fold] = (['auroc', 'precision', 'recall', 'f1', 'fold'] as const).map((measure) => {
      const value = found[measure][0]
      return value === undefined || !Number.isFinite(value) ? null : value
    }) as [number | null, number | null, number | null, number | null, number | null]
    matches.push({ id, label, on: found.active[0] ?? 0, auroc, precision, recall, f1, fold })
  }
  matches.sort((a, b) => (b.auroc ?? 0) - (a.auroc ?? 0) || (b.f1 ?? 0) - (a.f1 ?? 0) || a.id - b.id)
  return { cells, of: rows, unknown: { count: unknown.length, examples: unknown.slice(0, examplesShown) }, note, matches }
}

interface Codes {
  /** 0 for a chosen cell, −1 for the others. */
  readonly codes: Int32Array
  readonly unknown: readonly string[]
}

function byRow(cells: Uint32Array | readonly number[], rows: number): Codes {
  const codes = new Int32Array(rows).fill(-1)
  for (const cell of cells) {
    if (cell >= rows) refuse('BAD_REQUEST', { why: `there is no cell ${cell}` })
    codes[cell] = 0
  }
  return { codes, unknown: [] }
}

/** Names as in the project; the first field of a line, so that a table of cells will do. */
function byName(engine: Engine, token: string): Codes {
  const { lines, name } = readTextFile(engine.path(token, 'data'), 'a list of cells')
  const rowOf = new Map(engine.project.dataset.cellNames().map((cell, row) => [cell, row]))
  const codes = new Int32Array(engine.dataset.rows).fill(-1)
  const unknown: string[] = []
  let found = 0
  for (const { text } of lines) {
    const [whole = '', first = ''] = [text, text.split(/[,\t]/)[0] ?? ''].map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    if (whole === '') continue
    const row = rowOf.get(whole) ?? rowOf.get(first)
    if (row === undefined) unknown.push(whole)
    else {
      codes[row] = 0
      found++
    }
  }
  if (found === 0) refuse('NOTHING_FOUND', { what: `any of the ${unknown.length} names of ${name}` })
  return { codes, unknown }
}
