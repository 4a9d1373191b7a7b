// Latents against metadata values, and similarity of decoder rows.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { createGroupScorer } from '../../src/main/science/group-association'
import { nearestRows } from '../../src/main/science/similarity'

describe('association of a latent with metadata values', () => {
  const random = seededRandom(11)
  const rows = 120
  const dense = Float32Array.from({ length: rows }, () => (random.uniform() < 0.6 ? 0 : Math.ceil(random.uniform() * 5)))
  const codes = Int32Array.from({ length: rows }, (_, cell) => (cell % 9 === 0 ? -1 : random.below(3)))
  const cells = Uint32Array.from(dense.keys()).filter((cell) => (dense[cell] as number) > 0)
  const activation = { cells, values: Float32Array.from(cells, (cell) => dense[cell] as number) }

  it('equals the definitions, with zeros as ties and missing rows among the others', () => {
    const [scores] = createGroupScorer([{ codes, levels: 3 }], rows)(activation)
    for (let level = 0; level < 3; level++) {
      const inside = Array.from(dense).filter((_, cell) => codes[cell] === level)
      const outside = Array.from(dense).filter((_, cell) => codes[cell] !== level)
      const wins = inside.flatMap((a) => outside.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))
      const hits = inside.filter((value) => value > 0).length
      expect(scores?.auroc[level]).toBeCloseTo(wins.reduce((sum: number, one) => sum + one, 0) / wins.length, 12)
      expect(scores?.precision[level]).toBeCloseTo(hits / cells.length, 12)
      expect(scores?.recall[level]).toBeCloseTo(hits / inside.length, 12)
      const precision = hits / cells.length
      const recall = hits / inside.length
      expect(scores?.f1[level]).toBeCloseTo((2 * precision * recall) / (precision + recall), 12)
    }
  })

  it('is not defined for a value no row or every row has, nor the precision of a dead latent', () => {
    const same = new Int32Array(rows)
    const [scores] = createGroupScorer([{ codes: same, levels: 2 }], rows)(activation)
    expect(Array.from(scores?.auroc ?? [])).toEqual([NaN, NaN])
    expect(scores?.recall[1]).toBeNaN()
    const [dead] = createGroupScorer([{ codes, levels: 3 }], rows)({ cells: new Uint32Array(0), values: new Float32Array(0) })
    expect(Array.from(dead?.auroc ?? [])).toEqual([0.5, 0.5, 0.5])
    expect(dead?.precision[0]).toBeNaN()
  })
})

describe('similar latents', () => {
  it('are the rows with the largest cosine, whatever their length', () => {
    const matrix = Float32Array.of(1, 0, 10, 1, 0, 3, -2, 0, 0, 0)
    const found = nearestRows(matrix, 2, 0, 10)
    expect(found.map((one) => one.row)).toEqual([1, 2, 3])
    expect(found[0]?.cosine).toBeCloseTo(10 / Math.sqrt(101), 6)
    expect(found[2]?.cosine).toBeCloseTo(-1, 6)
  })
})
