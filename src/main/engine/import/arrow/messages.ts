// Where the messages of an Arrow file or stream lie: the schema, the dictionaries and the batches of rows. Only the few numbers of
// each message that say its kind and size are read here; the library decodes the messages themselves, one batch at a time.
// Invariant: every position is checked against the bytes that are there.
import { refuse } from '../../../base/refusal'

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
    const head = headOf(await read(from, length), file)
    const stop = from + length + head.body
    if (stop > bytes) refuse('FILE_TRUNCATED', { file, expected: stop, found: bytes })
    const kind = kinds[head.type]
    if (kind) messages.push({ kind, start: at, stop, rows: head.rows })
    at = stop
  }
  if (messages[0]?.kind !== 'schema') refuse('FILE_DAMAGED', { file, why: 'it does not begin with a description of its columns' })
  return messages
}

/** Type, length of the body and rows of a message; a FlatBuffers table of three fields. */
function headOf(bytes: Uint8Array, file: string): { type: number; body: number; rows: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const table = view.getInt32(0, true)
    const field = (from: number, slot: number): number => {
      const list = from - view.getInt32(from, true)
      const place = 4 + slot * 2
      const offset = place < view.getUint16(list, true) ? view.getUint16(list + place, true) : 0
      return offset === 0 ? 0 : from + offset
    }
    const long = (place: number): number => (place === 0 ? 0 : Number(view.getBigInt64(place, true)))
    const [kind, header, body] = [field(table, 1), field(table, 2), field(table, 3)]
    const type = kind === 0 ? 0 : view.getUint8(kind)
    const rows = type === 3 && header !== 0 ? long(field(header + view.getInt32(header, true), 0)) : 0
    const size = long(body)
    if (size >= 0 && rows >= 0) return { type, body: size, rows }
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
  }
  return refuse('FILE_DAMAGED', { file, why: 'a message does not describe itself' })
}
