// Where the messages of an Arrow file or stream lie: the schema, the dictionaries and the batches of rows. Their descriptions are
// checked here; the library decodes the messages themselves, one batch at a time.
// Invariant: every position is checked against the bytes that are there.
import { refuse } from '../../../base/refusal'
import { messageHead } from './flatbuffer'

export interface ArrowMessage {
  readonly kind: 'schema' | 'dictionary' | 'batch'
  readonly start: number
  readonly stop: number
  /** Rows of a batch. */
  readonly rows: number
}

export type ReadBytes = (position: number, length: number) => Promise<Uint8Array>

const continuation = 0xffffffff
const largestDescription = 2 ** 28
const kinds: Readonly<Record<number, ArrowMessage['kind']>> = { 1: 'schema', 2: 'dictionary', 3: 'batch' }

/** All messages in their order. Refuses with FILE_TRUNCATED when the file ends within one, FILE_DAMAGED when one makes no sense. */
export async function arrowMessages(read: ReadBytes, start: number, bytes: number, file: string): Promise<ArrowMessage[]> {
  const messages: ArrowMessage[] = []
  let at = start
  while (at + 8 <= bytes) {
    const mark = new DataView((await read(at, 8)).slice().buffer)
    const current = mark.getUint32(0, true) === continuation
    const length = mark.getInt32(current ? 4 : 0, true)
    if (length === 0) break
    // The description at the end of a file starts anew with other bytes; a stream ends with a length of zero.
    if (length < 0 || length > largestDescription) refuse('FILE_DAMAGED', { file, why: 'the length of a message is impossible' })
    const from = at + (current ? 8 : 4)
    if (from + length > bytes) refuse('FILE_TRUNCATED', { file })
    const head = messageHead(await read(from, length), file)
    const stop = from + length + head.body
    if (stop > bytes) refuse('FILE_TRUNCATED', { file, expected: stop, found: bytes })
    const kind = kinds[head.type]
    if (kind) messages.push({ kind, start: at, stop, rows: head.rows })
    at = stop
  }
  if (messages[0]?.kind !== 'schema') refuse('FILE_DAMAGED', { file, why: 'it does not begin with a description of its columns' })
  return messages
}
