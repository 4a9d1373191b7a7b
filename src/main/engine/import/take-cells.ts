// Takes what there is once per cell into the scratch folder: names, representation, map and columns.
// Invariant: only the kept cells, in the order of the file; the fingerprint covers exactly what training would see.
import { createHash, type Hash } from 'node:crypto'
import type { ImportChoice, Problem } from '@contract'
import type { NumberFile, Scratch } from '../scratch/folder'
import type { FiledColumn, ImportedColumn, ImportedData } from './imported-data'
import { Gaps, keepDense, refuseGaps } from './kept-cells'
import { chosenMaps } from './map/choose-map'
import { keepCells } from './metadata'
import { counted, info } from './problems'
import type { MatrixPart, OpenSource } from './source-reader'
import type { Taking } from './take-expression'
import type { Tracker } from './tracker'
import { UniqueNames } from './unique-names'

/** Names of the kept cells, repeated ones numbered when the user asked for it. */
export function cellNames(source: OpenSource, cells: Uint32Array | null, choice: ImportChoice, problems: Problem[]): string[] {
  const names = cells ? Array.from(cells, (cell) => source.cells.index[cell] ?? String(cell)) : [...source.cells.index]
  if (!choice.renameDuplicates) return names
  const free = new UniqueNames(new Set(names))
  const seen = new Set<string>()
  let renamed = 0
  const unique = names.map((name) => {
    const repeats = seen.has(name)
    if (repeats) renamed++
    seen.add(name)
    return repeats ? free.give(name) : name
  })
  if (renamed > 0) {
    const message = `${counted(renamed)} repeated cell names got a number added (-1, -2 …).`
    problems.push(info('CELLS_RENAMED', message, 'Nothing needs to be done.'))
  }
  return unique
}

/** The start of the fingerprint: the names. */
export function hashOfNames(names: readonly string[]): Hash {
  const hash = createHash('sha256')
  const atOnce = 50_000
  for (let start = 0; start < names.length; start += atOnce) {
    hash.update((start === 0 ? '' : '\n') + names.slice(start, start + atOnce).join('\n'))
  }
  return hash
}

/** Refuses with MISSING_NUMBERS, or CANCELLED; `hash` takes up what is written. */
export async function takeRepresentation(taking: Taking, part: MatrixPart, hash: Hash): Promise<NumberFile> {
  const { looked, cells, scratch, track } = taking
  track.phase('Reading the representation')
  const out = scratch.writer('representation', 'f32')
  const gaps = new Gaps()
  for await (const { start, values } of part.denseBlocks((read) => track.advance(read), scratch)) {
    const kept = keepDense(start, values, part.columns, cells)
    gaps.addDense(start, kept, part.columns)
    if (gaps.values > 0) continue
    hash.update(bytesOf(kept))
    out.add(kept)
  }
  refuseGaps(looked, gaps, null)
  return out.end()
}

export const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** The map asked for, else the preferred one, if it has a place for every cell. */
export async function takeMap({ looked, found, cells, scratch, track, problems }: Taking): Promise<ImportedData['map']> {
  for (const map of chosenMaps(found.maps, looked.choice.map ?? null)) {
    const part = map.found.part
    if (!part) continue
    const name = scratch.freshName('map')
    const out = scratch.writer(name, 'f32')
    const gaps = new Gaps()
    for await (const { start, values } of part.denseBlocks(() => track.advance(0), scratch)) {
      const kept = keepDense(start, values, 2, cells)
      gaps.addDense(start, kept, 2)
      out.add(kept)
    }
    const xy = out.end()
    if (gaps.values === 0) return { name: map.key.replace(/^obsm\//, ''), xy }
    const message = `The map ${map.key} has no place for some cells and is not used.`
    problems.push(info('MAP_INCOMPLETE', message, 'Nothing needs to be done.'))
  }
  return null
}

/** Columns one after the other, so that only one is there twice. */
export const takeColumns = ({ found, cells, scratch, track }: Taking): Promise<FiledColumn[]> =>
  fileColumns(found.columns, cells, scratch, track)

export async function fileColumns(
  columns: readonly ImportedColumn[],
  cells: Uint32Array | null,
  scratch: Scratch,
  track: Tracker,
): Promise<FiledColumn[]> {
  const filed: FiledColumn[] = []
  for (const column of columns) {
    const { name, kind, role, levels, colours } = column
    filed.push({ name, kind, role, levels, colours, values: fileColumn(cells ? keepCells(column, cells) : column, scratch) })
    await track.advance(0)
  }
  return filed
}

function fileColumn({ codes, numbers, texts }: ImportedColumn, scratch: Scratch): FiledColumn['values'] {
  const name = scratch.freshName('column')
  if (codes) return scratch.write(name, codes)
  return numbers ? scratch.write(name, numbers) : scratch.writeTexts(name, texts ?? [])
}
