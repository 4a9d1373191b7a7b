// Text that is too large for memory goes through pages: the same numbers as in memory, whatever the order they are written in.
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { pageValues } from '../../src/main/base/sparse-pages'
import { RowKeeper, turnedRows, type KeptRows } from '../../src/main/engine/import/row-keeper'
import { keepRows, sparseFromDense } from '../../src/main/engine/import/rows'
import { Spill } from '../../src/main/engine/import/spill'
import { EntriesInAnyOrder } from '../../src/main/engine/import/tenx/market-entries'
import { EntryScanner } from '../../src/main/engine/import/tenx/entry-scanner'
import { readMatrixMarket } from '../../src/main/engine/import/tenx/matrix-market'
import { dialectOf } from '../../src/main/engine/import/table/dialect'
import { RowParser } from '../../src/main/engine/import/table/row-parser'
import { temporaryFolder } from '../temporary-folder'

const [rows, columns] = [4000, 150]

function counts(): Csr {
  const random = seededRandom(3)
  return sparseFromDense(
    Array.from({ length: rows * columns }, () => Math.max(0, Math.floor(3 * random.normal()))),
    rows,
    columns,
  )
}

/** Kept with so little room in memory that nearly all of it goes to the disk. */
async function keptOnDisk(matrix: Csr, spill: Spill): Promise<KeptRows> {
  const keeper = new RowKeeper({ columns, spill, mostInMemory: 1000 })
  for (let row = 0; row < matrix.rows; row++) {
    for (let at = matrix.indptr[row] as number; at < (matrix.indptr[row + 1] as number); at++)
      keeper.add(matrix.indices[at] as number, matrix.values[at] as number)
    keeper.endRow()
  }
  return keeper.end()
}

const everyRow = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row)
const breathe = (): Promise<void> => Promise.resolve()

describe('rows of a text that is too large for memory', () => {
  it('come back page by page, any of them, and turned, and leave nothing behind', async () => {
    const cache = temporaryFolder()
    const spill = new Spill(cache)
    const matrix = counts()
    const kept = await keptOnDisk(matrix, spill)
    expect([kept.whole, kept.stored]).toEqual([null, matrix.values.length])
    const part = kept.part('X', true)
    let next = 0
    let pages = 0
    for await (const block of part.blocks(breathe, spill.scratch)) {
      expect(block.start).toBe(next)
      expect(block.matrix.values.length).toBeLessThanOrEqual(pageValues)
      next += block.matrix.rows
      pages++
    }
    expect(next).toBe(rows)
    expect(pages).toBe(Math.ceil(matrix.values.length / pageValues))
    const some = Uint32Array.of(0, 1, 1999, 3998, 3999)
    expect(await part.sample(some)).toEqual(keepRows(matrix, some))
    expect(await (await turnedRows(kept, spill.scratch)).part('X', true).sample(everyRow(columns))).toEqual(transpose(matrix))
    expect(readdirSync(join(cache, 'scratch'))).toHaveLength(1)
    spill.remove()
    expect(readdirSync(join(cache, 'scratch'))).toEqual([])
  })
})

describe('entries of a matrix file', () => {
  it('in any order, in many runs, give the same rows as in memory; repeated places are added up', async () => {
    const spill = new Spill(temporaryFolder())
    const matrix = counts()
    const entries = matrix.values.length
    const taker = new EntriesInAnyOrder({ cells: rows, genes: columns, entries: entries + 1, fileName: 'm.mtx', spill }, 20_000)
    const cellOf = new Uint32Array(entries)
    for (let row = 0; row < rows; row++) cellOf.fill(row, matrix.indptr[row], matrix.indptr[row + 1])
    const order = seededRandom(9).sample(everyRow(entries), entries)
    const shuffled = Array.from(order, (place, at) => [(at * 7919) % entries, place] as const).sort((a, b) => a[0] - b[0])
    for (const [, place] of shuffled) {
      taker.add(cellOf[place] as number, matrix.indices[place] as number, matrix.values[place] as number)
      await taker.breathe()
    }
    taker.add(cellOf[0] as number, matrix.indices[0] as number, 5)
    const found = await (await taker.end()).part('X', false).sample(everyRow(rows))
    matrix.values[0] = (matrix.values[0] as number) + 5
    expect(found).toEqual(matrix)
    spill.remove()
  })

  it('sorted by gene are read as those sorted by cell', async () => {
    const folder = temporaryFolder()
    const lines = ['3 1 4', '1 2 1.5', '2 2 7', '2 4 1', '3 4 2e1']
    const byGene = [...lines].sort((a, b) => Number(a[0]) - Number(b[0]))
    const read = async (body: string[], name: string): Promise<Csr> => {
      const path = join(folder, name)
      writeFileSync(path, gzipSync(`%%MatrixMarket matrix coordinate real general\n3 4 5\n${body.join('\n')}\n`))
      const { matrix, totals } = await readMatrixMarket({ path, fileName: name, gzipped: true }, () => true, new Spill(folder))
      expect(Array.from(totals)).toEqual([4, 8.5, 0, 21])
      return matrix.part('X', false).sample(everyRow(4))
    }
    const sorted = await read(lines, 'cells.mtx.gz')
    expect(Array.from(sorted.values)).toEqual([4, 1.5, 7, 1, 20])
    expect(await read(byGene, 'genes.mtx.gz')).toEqual(sorted)
    // Small ones need no room on the disk.
    expect(existsSync(join(folder, 'scratch'))).toBe(false)
  })

  it('are the same numbers wherever the pieces of the file are cut, and with every line end', () => {
    const text = '10 20 3\r\n1\t2\t0.125\r\n7 8 -2.5\n9 9 1e-3\n\n5 6 123456789012345678\n1 1 7'
    const expected = ['10 20 3', '1 2 0.125', '7 8 -2.5', '9 9 0.001', '5 6 123456789012345680', '1 1 7']
    for (let cut = 0; cut <= text.length; cut++) {
      const found: string[] = []
      const scanner = new EntryScanner('m.mtx', {
        entry: (row, column, value) => found.push(`${row} ${column} ${value}`),
        text: (line) => found.push(line.trim().split(/\s+/).map(Number).join(' ')),
      })
      scanner.push(Buffer.from(text.slice(0, cut)))
      scanner.push(Buffer.from(text.slice(cut)))
      scanner.end()
      expect(found).toEqual(expected)
    }
  })
})

describe('a line of a table', () => {
  it('gives the same numbers read letter by letter as with every field in quotation marks', () => {
    const records = ['id,a,b,c,d', 'r1,1,2,3,4', 'r2,0,5.5,-1,2'].map((text, at) => ({ line: at + 1, text }))
    const dialect = dialectOf(records)
    if (!dialect) throw new Error('this is a table')
    const parser = new RowParser(dialect, ['id', 'number', 'number', 'number', 'number'])
    const tokens = [
      '0',
      '12',
      '0.5',
      '-3.25',
      '1e5',
      '.5',
      '5.',
      '007',
      'NA',
      '',
      'x1',
      '-',
      '0.1234567890123456789',
      '+4',
      'Inf',
    ]
    for (const token of tokens) {
      const fields = ['name', token, '1', token, token]
      const seen = [fields, fields.map((field) => `"${field}"`)].map((each) => {
        expect(parser.read(each.join(','))).toBe(5)
        return { id: parser.id, values: Array.from(parser.values), odd: parser.odd }
      })
      expect(seen[0]).toEqual(seen[1])
    }
    expect([parser.read('r,1,2,3'), parser.read('r,1,2,3,4,5')]).toEqual([4, 6])
  })
})
