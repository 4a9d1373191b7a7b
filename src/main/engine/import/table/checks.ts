// What is worth saying about the names and values of a text table, as warnings and notes of the review.
import type { Problem } from '@contract'
import type { Csr } from '../../../base/sparse'
import { counted, examples, info, plural, warning } from '../problems'

const excelColumns = 16_384
const excelRows = 1_048_576
const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060\ufeff]/

/** Names that cannot be told apart or seen on a screen; they are kept as they are. */
export function nameNotes(ids: readonly string[]): Problem[] {
  const problems: Problem[] = []
  const blank = ids.filter((id) => id.trim() === '').length
  if (blank > 0) {
    const message = `${plural(blank, 'cell name')} ${blank === 1 ? 'is' : 'are'} blank; kept as written.`
    problems.push(warning('NAMES_BLANK', message, 'Give these cells names where the file is made.'))
  }
  const hidden = ids.filter((id) => id.trim() !== '' && invisible.test(id))
  if (hidden.length > 0) {
    const message = `${plural(hidden.length, 'cell name')} with invisible characters (${examples(hidden)}); kept as written.`
    problems.push(warning('NAMES_INVISIBLE', message, 'Such names may not match the same name in another file.'))
  }
  const spellings = new Map<string, Set<string>>()
  for (const id of ids) {
    if (!/[^\u0020-\u007e]/.test(id)) continue
    const same = spellings.get(id.normalize('NFC')) ?? new Set()
    spellings.set(id.normalize('NFC'), same.add(id))
  }
  const doubled = [...spellings].flatMap(([name, written]) => (written.size > 1 ? [name] : []))
  if (doubled.length > 0) {
    const message = `${examples(doubled)}: two spellings look the same on the screen; they stay different names.`
    problems.push(warning('NAMES_LOOK_ALIKE', message, 'Check that they are different cells.'))
  }
  return problems
}

/** Tables that end exactly where a spreadsheet cuts them. */
export function sizeNotes(rows: number, columns: number): Problem[] {
  const cut =
    columns === excelColumns ? `${counted(columns)} columns` : rows + 1 === excelRows ? `${counted(excelRows)} rows` : null
  if (cut === null) return []
  const message = `The table has exactly ${cut}, where Excel cuts tables off; the rest may be missing.`
  return [warning('CUT_BY_EXCEL', message, 'Export the table again without a spreadsheet program.')]
}

/** Genes without variation, and whole numbers below zero, found in passing over the rows. */
export class ValueNotes {
  private readonly stored: Uint32Array
  private readonly first: Float32Array
  private readonly varies: Uint8Array
  private readonly below: (readonly [cell: number, gene: number])[] = []
  private belowZero = 0
  private whole = true
  private rows = 0

  constructor(genes: number) {
    this.stored = new Uint32Array(genes)
    this.first = new Float32Array(genes)
    this.varies = new Uint8Array(genes)
  }

  /** Cells × genes; rows that follow those given before. */
  add({ rows, indptr, indices, values }: Csr): void {
    const { stored, first, varies } = this
    for (let row = 0; row < rows; row++) {
      for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
        const [gene, value] = [indices[at] as number, values[at] as number]
        if (stored[gene] === 0) first[gene] = value
        else if (value !== first[gene]) varies[gene] = 1
        stored[gene] = (stored[gene] as number) + 1
        if (Number.isFinite(value) && !Number.isInteger(value)) this.whole = false
        if (value < 0 && this.belowZero++ < shownBelowZero) this.below.push([this.rows + row, gene])
      }
    }
    this.rows += rows
  }

  problems(cells: readonly string[], genes: readonly string[]): Problem[] {
    const { rows, stored, varies, below, belowZero, whole } = this
    const problems: Problem[] = []
    const zero = genes.filter((_, gene) => stored[gene] === 0)
    const constant = genes.filter((_, gene) => stored[gene] === rows && varies[gene] === 0)
    if (rows > 1 && zero.length + constant.length > 0) {
      const parts = [
        zero.length > 0 ? `zero everywhere: ${examples(zero)}` : '',
        constant.length > 0 ? `the same in every cell: ${examples(constant)}` : '',
      ]
      const message = `Genes without variation (${parts.filter((part) => part !== '').join('; ')}); a correlation with them is not defined.`
      problems.push(info('GENES_CONSTANT', message, 'Nothing needs to be done.'))
    }
    if (whole && belowZero > 0) {
      const shown = below.map(([cell, gene]) => `${genes[gene]} in ${cells[cell]}`).join(', ')
      const more = belowZero > below.length ? ` and ${counted(belowZero - below.length)} more` : ''
      const message = `The values are whole numbers, but ${counted(belowZero)} are below zero (${shown}${more}), so they are not counts.`
      problems.push(warning('NEGATIVE_COUNTS', message, 'Fold changes need counts or log values; check how the table was made.'))
    }
    return problems
  }
}

const shownBelowZero = 3
