// A matrix that went through pages, runs and the merge comes out with the same numbers, turned or not.
import { describe, expect, it } from 'vitest'
import { DamagedPage, decodePage, decodeRow, partsOfPage, RowPacker } from '../../src/main/base/sparse-pages'
import { seededRandom } from '../../src/main/base/random'
import { transpose, type Csr } from '../../src/main/base/sparse'
import { keepRows, sliceRows, stackRows } from '../../src/main/engine/import/rows'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { chosenRows, PageWriter, pagesOf, rowsOf, type PagedFile } from '../../src/main/engine/scratch/paged'
import { Turner } from '../../src/main/engine/scratch/turner'
import { temporaryFolder } from '../temporary-folder'

const encodePage = (matrix: Csr, start: number, stop: number): Uint8Array =>
  Buffer.concat(partsOfPage(new RowPacker().pack(matrix, start, stop)))
type Draw = (uniform: number) => number
const kinds: Readonly<Record<string, Draw>> = {
  'small counts': (draw) => 1 + Math.floor(draw * 6),
  'counts with a few large ones': (draw) => (draw > 0.99 ? Math.floor(1e6 * draw) : 1 + Math.floor(draw * 300)),
  'log values': (draw) => Math.fround(Math.log1p(draw * 50)),
  'z-scores with gaps': (draw) => (draw > 0.999 ? NaN : Math.fround(draw * 8 - 4) || 1),
}

function made(rows: number, columns: number, density: number, value: Draw, seed = 1): Csr {
  const random = seededRandom(seed)
  const indices: number[] = []
  const indptr = new Float64Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    // Empty rows and columns are part of every real matrix.
    if (row % 17 !== 3)
      for (let column = 0; column < columns; column++) if (column % 13 !== 5 && random.uniform() < density) indices.push(column)
    indptr[row + 1] = indices.length
  }
  return {
    rows,
    columns,
    indptr,
    indices: Uint32Array.from(indices),
    values: Float32Array.from(indices, () => value(random.uniform())),
  }
}

function readBack(scratch: Scratch, file: PagedFile): Csr {
  return stackRows(
    [...rowsOf(scratch, file)].map((block) => block.matrix),
    file.columns,
  )
}

describe.each(Object.entries(kinds))('a matrix of %s', (_, draw) => {
  const matrix = made(700, 900, 0.1, draw)

  it('is the same after being written in pages', () => {
    const scratch = new Scratch(temporaryFolder())
    const writer = new PageWriter(scratch, 'm', matrix.columns)
    for (const [start, stop] of [
      [0, 3],
      [3, 3],
      [3, 500],
      [500, 700],
    ] as const)
      writer.add(sliceRows(matrix, start, stop))
    expect(readBack(scratch, writer.end())).toEqual(matrix)
  })

  it('is the same when turned through several runs', async () => {
    const scratch = new Scratch(temporaryFolder())
    const turner = new Turner(scratch, 'm', matrix.columns, { runValues: 5_000, windowBytes: 10_000 })
    for (let start = 0; start < 700; start += 70) await turner.add(sliceRows(matrix, start, start + 70))
    const { file: turned } = await turner.end()
    expect(readBack(scratch, turned)).toEqual(transpose(matrix))
    expect(turned.stored).toBe(matrix.indices.length)
  })

  it('gives chosen rows without the others, and pages as soon as they are written', () => {
    const scratch = new Scratch(temporaryFolder())
    const writer = new PageWriter(scratch, 'm', matrix.columns)
    writer.add(sliceRows(matrix, 0, 300))
    const first = writer.fresh()
    writer.add(sliceRows(matrix, 300, 700))
    const second = writer.fresh()
    expect(stackRows([readBack(scratch, first), readBack(scratch, second)], 900)).toEqual(matrix)
    const wanted = Uint32Array.of(0, 3, 299, 300, 699)
    const rows = stackRows([...chosenRows(scratch, writer.end(), wanted)], 900)
    expect(rows).toEqual(keepRows(matrix, wanted))
  })

  it('gives any single row', () => {
    const page = encodePage(matrix, 100, 300)
    for (const row of [100, 105, 299]) {
      const wanted = sliceRows(matrix, row, row + 1)
      expect(decodeRow(page, row - 100, 900)).toEqual({ indices: wanted.indices.slice(), values: wanted.values.slice() })
    }
  })
})

describe('a matrix that starts as counts and goes on with other numbers', () => {
  it('comes out the same', async () => {
    const [first, second] = [
      made(300, 200, 0.2, kinds['small counts'] as Draw),
      made(300, 200, 0.2, kinds['log values'] as Draw, 2),
    ]
    const both = stackRows([first, second, first], 200)
    const scratch = new Scratch(temporaryFolder())
    for (const runValues of [1_000, 15_000, 1_000_000]) {
      const turner = new Turner(scratch, scratch.freshName('m'), 200, { runValues, windowBytes: 5_000 })
      for (const each of [first, second, first]) await turner.add(each)
      expect(readBack(scratch, (await turner.end()).file)).toEqual(transpose(both))
    }
  })
})

describe('pages', () => {
  it('take about two bytes for each stored count', () => {
    const page = encodePage(made(400, 2000, 0.1, kinds['small counts'] as Draw), 0, 400)
    expect(page.length).toBeLessThan(400 * 2000 * 0.1 * 2.1 + 400 * 8)
  })

  it('that were cut or changed are refused or give numbers, never anything else', () => {
    const page = encodePage(made(40, 50, 0.3, kinds['counts with a few large ones'] as Draw), 0, 40)
    expect(() => decodePage(page.subarray(0, 30), 50)).toThrow(DamagedPage)
    expect(() => decodePage(page, 10)).toThrow(DamagedPage)
    const random = seededRandom(2)
    for (let change = 0; change < 3000; change++) {
      const wrong = page.slice()
      wrong[random.below(wrong.length)] = random.below(256)
      try {
        const { indices, values } = decodePage(wrong, 50)
        expect(indices.every((column) => column < 50)).toBe(true)
        expect(values.length).toBe(indices.length)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DamagedPage)
      }
    }
  })

  it('of far-apart columns and of rows longer than a page come back too', () => {
    const indices = Uint32Array.from({ length: 300_000 }, (_, at) => at * 12_345)
    const long: Csr = {
      rows: 2,
      columns: 2 ** 32,
      indptr: Float64Array.of(0, 300_000, 300_000),
      indices,
      values: new Float32Array(300_000).fill(2),
    }
    const scratch = new Scratch(temporaryFolder())
    const writer = new PageWriter(scratch, 'm', long.columns)
    writer.add(long)
    const file = writer.end()
    expect(file.pages.rows).toEqual([1, 1])
    expect(readBack(scratch, file)).toEqual(long)
    expect([...pagesOf(scratch, file)].map((page) => page.firstRow)).toEqual([0, 1])
  })
})
