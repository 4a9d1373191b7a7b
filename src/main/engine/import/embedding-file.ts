// One representation of a file, without expression and metadata: the rows a trained model is applied to. It is read in a process
// apart from the one that applies the model, so that numbers and names travel as scratch files.
import { basename } from 'node:path'
import { refuse } from '../../base/refusal'
import type { NumberFile, Scratch, TextFile } from '../scratch/folder'
import type { GeneResolver } from './gene-resolver'
import { nothingBeside, withJoined } from './join'
import { examples } from './problems'
import { rowsWithMissing } from './sampling'
import type { EmbeddingSource } from './source-reader'
import type { ImportHooks } from './tracker'

export interface Embedding {
  readonly key: string
  readonly rows: number
  readonly values: Float32Array
  readonly cellNames: readonly string[]
}

export interface FiledEmbedding {
  readonly key: string
  readonly rows: number
  /** Row-major. */
  readonly values: NumberFile
  readonly cellNames: TextFile
}

export interface WantedEmbedding {
  /** Asked for; null: `usual` if it is there, else the only one with as many dimensions. */
  readonly key: string | null
  readonly usual: string
  readonly dims: number
}

/** Refuses with CHOICE_UNKNOWN, MODEL_UNFIT (other number of dimensions) and MISSING_NUMBERS. */
export function readEmbedding(
  path: string,
  wanted: WantedEmbedding,
  genes: GeneResolver,
  hooks: ImportHooks,
  scratch: Scratch,
): Promise<FiledEmbedding> {
  return withJoined(path, nothingBeside, genes, async (source) => {
    const chosen = choose(source.embeddings, wanted, basename(path))
    if (chosen.found.part === null) refuse('PART_UNREADABLE', { part: chosen.key, why: chosen.found.error.message })
    const { part } = chosen.found
    let read = 0
    const tick = async (count: number): Promise<void> => {
      read += count
      hooks.progress('reading the representation', read, part.stored)
      await new Promise((resolve) => setImmediate(resolve))
      if (hooks.cancelled()) refuse('CANCELLED')
    }
    const names = source.cells.index
    const writer = scratch.writer('embedding', 'f32')
    const missing: number[] = []
    for await (const block of part.denseBlocks(tick, scratch)) {
      for (const row of rowsWithMissing(block.values, chosen.dims)) missing.push(block.start + row)
      writer.add(block.values)
    }
    const values = writer.end()
    if (missing.length > 0) {
      const first = missing.map((row) => names[row] ?? String(row))
      refuse('MISSING_NUMBERS', { count: missing.length, part: chosen.key, examples: examples(first) })
    }
    return { key: chosen.key, rows: part.rows, values, cellNames: scratch.writeTexts('cells', names) }
  })
}

/** What `readEmbedding` left in a scratch folder. */
export const embeddingFrom = ({ key, rows, values, cellNames }: FiledEmbedding, scratch: Scratch): Embedding => ({
  key,
  rows,
  values: new Float32Array(scratch.read(values)),
  cellNames: scratch.readTexts(cellNames),
})

function choose(embeddings: readonly EmbeddingSource[], { key, usual, dims }: WantedEmbedding, file: string): EmbeddingSource {
  const known = embeddings.map((each) => each.key).join(', ')
  const named = key ?? (embeddings.some((each) => each.key === usual) ? usual : null)
  if (named !== null) {
    const found = embeddings.find((each) => each.key === named)
    if (!found) return refuse('CHOICE_UNKNOWN', { what: 'representation', key: named, known })
    if (found.dims !== dims) return unfit(file, `${named} has ${found.dims} dimensions, the model takes ${dims}`)
    return found
  }
  const fitting = embeddings.filter((each) => each.dims === dims)
  const [only] = fitting
  if (!only) return unfit(file, `no representation in it has the ${dims} dimensions the model takes`)
  if (fitting.length > 1) refuse('CHOICE_UNKNOWN', { what: 'representation', key: usual, known })
  return only
}

const unfit = (file: string, why: string): never =>
  refuse('MODEL_UNFIT', {
    what: 'The representation',
    file,
    why,
    next: 'Choose a file with the same representation, made by the same method.',
  })
