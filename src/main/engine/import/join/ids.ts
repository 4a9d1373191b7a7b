// A list of cell names in a file of its own: one per line, or the first column of a table.
import { refuse } from '../../../base/refusal'
import { recognise } from '../recognise'
import { fieldsOf, recordsOf } from '../table/records'
import { OtherEncoding, textPieces, type Encoding } from '../table/text-pieces'

/** The names for `rows` rows, in their order; a first line that names the column is passed over. Refuses with JOIN_ROWS. */
export async function readIds(path: string, rows: number): Promise<string[]> {
  const file = await recognise(path)
  if (file.container !== 'text') refuse('FILE_NOT_RECOGNISED', { file: file.fileName, looksLike: file.looksLike })
  const read = async (encoding: Encoding): Promise<string[]> => {
    const names: string[] = []
    for await (const { text } of recordsOf(textPieces(file, encoding), file.fileName)) {
      if (names.length > rows + 1) break
      names.push(fieldsOf(text, text.includes('\t') ? '\t' : ',')[0] ?? '')
    }
    return names
  }
  const names = await read('utf-8').catch((thrown: unknown) => {
    if (!(thrown instanceof OtherEncoding)) throw thrown
    return read('windows-1252')
  })
  if (names.length === rows + 1) names.shift()
  if (names.length !== rows) {
    const found = names.length > rows ? `more than ${rows}` : names.length
    refuse('JOIN_ROWS', { file: file.fileName, found, expected: rows })
  }
  return names
}
