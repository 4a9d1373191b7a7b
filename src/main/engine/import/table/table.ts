// Reads a text table as a whole: encoding, then how it is written from its first records, then all of it in one pass.
// Invariant: numbers that are too many for memory lie in the spill, and can be read until it is removed.
import type { HeaderAnswer } from '@contract'
import { refuse } from '../../../base/refusal'
import { open } from 'node:fs/promises'
import type { Spill } from '../spill'
import { collect, type Collected } from './collect'
import { dialectOf, type Dialect } from './dialect'
import { recordsOf, type TextRecord } from './records'
import { encodingOf, OtherEncoding, textPieces, type Encoding, type TextFile } from './text-pieces'

export interface Table extends Collected {
  readonly file: TextFile
  readonly spill: Spill
  readonly encoding: Encoding
  readonly dialect: Dialect
  readonly idName: string
  /** Names of all columns in the order of the file. */
  readonly order: readonly string[]
}

const sampledRecords = 200
const sampledLetters = 4_000_000

/** The table in a text file. Refuses with FILE_NOT_RECOGNISED, TABLE_RAGGED, FILE_TRUNCATED, FILE_DAMAGED or PART_UNREADABLE. */
export async function readTable(file: TextFile, spill: Spill, header: HeaderAnswer | null = null): Promise<Table> {
  const encoding = file.gzipped ? 'utf-8' : encodingOf(await headOf(file.path))
  try {
    return await readAs(file, encoding, spill, header)
  } catch (thrown) {
    if (!(thrown instanceof OtherEncoding)) throw thrown
    return readAs(file, 'windows-1252', spill, header)
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(4096), 0, 4096, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

const readAs = (file: TextFile, encoding: Encoding, spill: Spill, header: HeaderAnswer | null): Promise<Table> =>
  tableOf(file, encoding, textPieces(file, encoding), spill, header)

/** The table in a text that comes in pieces; `header`: the user's word on its first line. */
export async function tableOf(
  file: TextFile,
  encoding: Encoding,
  pieces: AsyncIterable<string>,
  spill: Spill,
  header: HeaderAnswer | null = null,
): Promise<Table> {
  const records = recordsOf(pieces, file.fileName)
  const sample: TextRecord[] = []
  let letters = 0
  while (sample.length < sampledRecords && (sample.length < 3 || letters < sampledLetters)) {
    const next = await records.next()
    if (next.done) break
    sample.push(next.value)
    letters += next.value.text.length
  }
  const dialect = dialectOf(sample, header)
  if (dialect === null) {
    const looksLike = 'it is text, but its lines have no common separator, so it is no table'
    return refuse('FILE_NOT_RECOGNISED', { file: file.fileName, looksLike })
  }
  const collected = await collect(chained(sample, records), dialect, sample, file.fileName, spill)
  return { ...collected, file, spill, encoding, dialect, idName: dialect.idName, order: dialect.names }
}

async function* chained(first: readonly TextRecord[], rest: AsyncIterable<TextRecord>): AsyncGenerator<TextRecord> {
  yield* first
  yield* rest
}
