// Matrix Market files (.mtx, also gzipped) in coordinate form, read in one streamed pass.
// Invariants: the number of entries promised is compared with those found; every position is checked against the shape.
import { refuse } from '../../../base/refusal'
import type { Csr } from '../../../base/sparse'
import { counted } from '../problems'
import { recordsOf } from '../table/records'
import { textPieces, type TextFile } from '../table/text-pieces'

export interface MarketMatrix {
  readonly rows: number
  readonly columns: number
  /** Compressed by the column of the file: columns × rows. */
  readonly byColumn: Csr
}

const largestShape = 2 ** 31
const mostEntries = 400_000_000

/** Refuses with FILE_DAMAGED when header and entries disagree, PART_UNREADABLE for other kinds of Matrix Market files. */
export async function readMatrixMarket(file: TextFile): Promise<MarketMatrix> {
  const damaged = (why: string): never => refuse('FILE_DAMAGED', { file: file.fileName, why })
  const entries = new Entries()
  let shape: { rows: number; columns: number; promised: number } | null = null
  let pattern = false
  for await (const { line, text } of recordsOf(textPieces(file, 'windows-1252'), file.fileName)) {
    if (text.startsWith('%')) {
      if (line === 1) pattern = checkedBanner(text, file.fileName)
      continue
    }
    const parts = text.trim().split(/\s+/)
    const [row, column] = [Number(parts[0]), Number(parts[1])]
    if (shape === null) {
      const promised = Number(parts[2])
      const whole = [row, column, promised].every((value) => Number.isSafeInteger(value) && value >= 0 && value < largestShape)
      if (!whole || parts.length !== 3) damaged(`line ${line} does not give the shape of the matrix`)
      shape = { rows: row, columns: column, promised }
      continue
    }
    if (!(row >= 1 && row <= shape.rows && column >= 1 && column <= shape.columns)) {
      damaged(`line ${line} names row ${parts[0]} and column ${parts[1]}, but the matrix has ${shape.rows} × ${shape.columns}`)
    }
    const value = pattern ? 1 : Number(parts[2])
    if (parts.length < (pattern ? 2 : 3)) damaged(`line ${line} is incomplete`)
    if (entries.count >= Math.min(shape.promised, mostEntries)) {
      damaged(`its header promises ${counted(shape.promised)} entries, but there are more`)
    }
    entries.add(column - 1, row - 1, value)
  }
  if (shape === null) return damaged('it does not give the shape of the matrix')
  if (entries.count !== shape.promised) {
    damaged(`its header promises ${counted(shape.promised)} entries, but the file holds ${counted(entries.count)}`)
  }
  return { rows: shape.rows, columns: shape.columns, byColumn: entries.compressed(shape.columns, shape.rows) }
}

/** Is it a matrix of ones only? Refuses kinds that are no sparse matrix of real numbers. */
function checkedBanner(text: string, fileName: string): boolean {
  const [, object, form, field, symmetry] = text.toLowerCase().trim().split(/\s+/)
  const known = object === 'matrix' && form === 'coordinate' && field !== 'complex' && symmetry === 'general'
  if (!known) {
    const why = `it is a Matrix Market file of the kind "${text.slice(0, 80).trim()}", where "matrix coordinate … general" is needed`
    refuse('PART_UNREADABLE', {
      part: fileName,
      why,
      next: 'Write it again as a sparse matrix, for example with scipy.io.mmwrite.',
    })
  }
  return field === 'pattern'
}

class Entries {
  count = 0
  private majors = new Uint32Array(4096)
  private minors = new Uint32Array(4096)
  private values = new Float32Array(4096)

  add(major: number, minor: number, value: number): void {
    if (this.count === this.values.length) {
      const size = this.count * 2
      const [majors, minors, values] = [new Uint32Array(size), new Uint32Array(size), new Float32Array(size)]
      majors.set(this.majors)
      minors.set(this.minors)
      values.set(this.values)
      this.majors = majors
      this.minors = minors
      this.values = values
    }
    this.majors[this.count] = major
    this.minors[this.count] = minor
    this.values[this.count++] = value
  }

  /** Counting sort by the first position; the order within one stays. */
  compressed(rows: number, columns: number): Csr {
    const indptr = new Float64Array(rows + 1)
    for (let at = 0; at < this.count; at++) {
      const next = (this.majors[at] as number) + 1
      indptr[next] = (indptr[next] as number) + 1
    }
    for (let row = 0; row < rows; row++) indptr[row + 1] = (indptr[row + 1] as number) + (indptr[row] as number)
    const place = indptr.slice()
    const indices = new Uint32Array(this.count)
    const values = new Float32Array(this.count)
    for (let at = 0; at < this.count; at++) {
      const major = this.majors[at] as number
      const to = place[major] as number
      place[major] = to + 1
      indices[to] = this.minors[at] as number
      values[to] = this.values[at] as number
    }
    return { rows, columns, indptr, indices, values }
  }
}
