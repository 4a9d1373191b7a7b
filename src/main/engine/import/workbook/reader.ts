// Excel workbooks (.xlsx): one sheet as a table, judged like a text table; other sheets are named and can be asked for.
// Invariants: everything is unpacked under a limit before the library sees it, and a sheet that claims to be huge is refused by
// its cell addresses before any of its cells is made.
import { closeSync, openSync } from 'node:fs'
import { zipSync } from 'fflate'
import readWorkbook from 'read-excel-file/universal'
import type { Problem } from '@contract'
import { refuse, Refusal } from '../../../base/refusal'
import { dateText } from '../columns/values'
import { counted, info } from '../problems'
import type { Recognised } from '../recognise'
import type { EmbeddingSource, OpenSource, ReadingAnswers, SourceReader } from '../source-reader'
import type { GeneResolver } from '../gene-resolver'
import { tableSource } from '../table/content'
import { contentOf, dialectNotes, headerStop, textStop } from '../table/reader'
import { Spill } from '../spill'
import { tableOf } from '../table/table'
import { Archive } from '../zip/archive'

export const workbookReader: SourceReader = {
  kind: 'workbook',
  accepts: (file) => file.container === 'workbook',
  open: async (file, genes, work, answers) => work(await openWorkbook(file, genes, answers)),
}

const largestUnpacked = 256 * 1024 * 1024
const mostCells = 10_000_000
const needed =
  /^(?:xl\/(?:workbook\.xml|_rels\/workbook\.xml\.rels|sharedStrings\.xml|styles\.xml|worksheets\/[^/]+\.xml)|_rels\/\.rels|\[Content_Types\]\.xml)$/

interface Sheet {
  readonly name: string
  readonly rows: readonly (readonly unknown[])[]
}

async function openWorkbook(file: Recognised, genes: GeneResolver, answers: ReadingAnswers): Promise<OpenSource> {
  const { representation, expression } = answers
  const sheets = (await sheetsOf(file)).filter(({ rows }) => rows.length > 0)
  const chosen = sheets.find(({ name }) => name === representation || name === expression) ?? sheets[0]
  if (!chosen)
    return refuse('FILE_NOT_RECOGNISED', { file: file.fileName, looksLike: 'it is an Excel workbook without any cells' })
  const others = sheets.filter((sheet) => sheet !== chosen)
  const problems: Problem[] = []
  if (others.length > 0) {
    const message = `The workbook has several sheets; ${chosen.name} is read, ${others.map(({ name }) => name).join(', ')} can be chosen instead.`
    problems.push(
      info('SHEET_CHOSEN', message, `To use another one, choose it by its name, for example ${others[0]?.name ?? ''}.`),
    )
  }
  const about = { path: file.path, fileName: file.fileName, gzipped: false }
  // A workbook is limited to fewer cells than are ever put on the disk.
  const table = await tableOf(about, 'utf-8', lines(chosen.rows), new Spill(), answers.header)
  const kind = {
    kind: 'excel',
    name: 'Excel sheet',
    endings: ['.xlsx', '.xlsm'],
    key: sheets.length > 1 ? chosen.name : file.fileName.replace(/\.[a-z]+$/i, ''),
    problems: [...problems, ...dialectNotes(table, file)],
    stops: headerStop(table, file),
    matrixStops: textStop(table, file),
  }
  const source = await tableSource(await contentOf(table, kind.key), kind, genes, answers)
  const main = source.expressions.length > 0 ? 'X' : (source.embeddings[0]?.key ?? 'X')
  return {
    ...source,
    embeddings: [...source.embeddings, ...others.map(otherSheet)],
    localKey: (key) => (key === chosen.name ? main : key),
  }
}

function otherSheet({ name, rows }: Sheet): EmbeddingSource {
  const [cells, columns] = [Math.max(0, rows.length - 1), Math.max(0, (rows[0]?.length ?? 0) - 1)]
  const apart = `another sheet, ${counted(cells)} rows × ${counted(columns)} columns; choosing it takes its rows`
  return { key: name, rows: cells, dims: columns, found: { part: null, error: sheetApart }, leftOut: [], apart }
}
const sheetApart = { code: 'PART_UNREADABLE', message: 'It is another sheet.', remedy: 'Choose it by its name.' } as const

/** All sheets with their cells. Refuses with FILE_TOO_LARGE or FILE_DAMAGED. */
async function sheetsOf(file: Recognised): Promise<Sheet[]> {
  const parts = unpackedParts(file)
  try {
    const stored = zipSync(parts, { level: 0 })
    const sheets = await readWorkbook(stored.buffer as ArrayBuffer)
    return sheets.map(({ sheet, data }) => ({ name: sheet, rows: data }))
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown
    return refuse('FILE_DAMAGED', { file: file.fileName, why: 'the parts of the workbook do not fit together' })
  }
}

/** The parts of the workbook that hold cells, within the limits. */
function unpackedParts(file: Recognised): Record<string, Uint8Array> {
  const limit = (): never => refuse('FILE_TOO_LARGE', { file: file.fileName, limit: '10 million cells or 256 MB of sheets' })
  const handle = openSync(file.path, 'r')
  try {
    const archive = new Archive(handle, file.bytes, file.fileName)
    const members = archive.members().filter((member) => needed.test(member.name))
    if (members.reduce((sum, member) => sum + member.size, 0) > largestUnpacked) limit()
    const parts: Record<string, Uint8Array> = {}
    for (const member of members) {
      const bytes = archive.open(member)(0, member.size)
      if (member.name.startsWith('xl/worksheets/') && cellsIn(bytes) > mostCells) limit()
      parts[member.name] = bytes
    }
    return parts
  } finally {
    closeSync(handle)
  }
}

/**
 * Rows × columns that the addresses of a sheet span, whether filled or not; the library makes a row for every number up to the last.
 * An address that is written in no usual way (4e9, &#52;) counts as endless.
 */
function cellsIn(sheet: Uint8Array): number {
  let [rows, columns] = [1, 1]
  const text = Buffer.from(sheet.buffer, sheet.byteOffset, sheet.byteLength).toString('latin1')
  for (const [, , address] of text.matchAll(/<(?:\w+:)?(?:row|c)\s[^<>]*?\br\s*=\s*(["'])([^<>"']*)\1/g)) {
    const found = /^([A-Za-z]{0,3})(\d{1,8})$/.exec(address ?? '')
    if (!found) return Infinity
    rows = Math.max(rows, Number(found[2]))
    let column = 0
    for (const letter of (found[1] ?? '').toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64
    columns = Math.max(columns, column)
  }
  return rows * columns
}

/** The cells as the lines of a text table, so that names, headers and numbers are judged as there. */
async function* lines(rows: readonly (readonly unknown[])[]): AsyncGenerator<string> {
  for (const row of rows) yield await Promise.resolve(`${row.map(field).join('\t')}\n`)
}

function field(value: unknown): string {
  const text = value === null || value === undefined ? '' : value instanceof Date ? (dateText(value) ?? '') : String(value)
  return /["\t\r\n,; ]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
