// Background and study list of a latent.
import { describe, expect, it } from 'vitest'
import type { GeneEffects } from '../../src/main/science/gene-ranking'
import {
  aurocFloor,
  detectedBackground,
  detectionFloor,
  studyLimit,
  studyList,
  lowestColumns,
  topColumns,
} from '../../src/main/science/study-list'

describe('the background', () => {
  const facts = {
    ontologyGene: Int32Array.of(7, -1, 3, 7, 9, 2),
    detectedCells: Uint32Array.of(50, 500, 3, 90, 2, 40),
    meanValue: Float32Array.of(1, 2, 0.1, 4, 0.1, 1),
  }

  it('holds each detected and mapped gene once, through its column with the highest mean', () => {
    const background = detectedBackground(facts, 2000, null)
    expect(Array.from(background.columns)).toEqual([2, 3, 5])
    expect(Array.from(background.genes)).toEqual([3, 7, 2])
  })

  it('can be limited to annotated genes', () => {
    const annotated = new Uint8Array(10)
    annotated[7] = 1
    expect(Array.from(detectedBackground(facts, 2000, annotated).genes)).toEqual([7])
  })

  it('asks for at least 3 cells and for 0.1 % of many', () => {
    expect([detectionFloor(700), detectionFloor(2000), detectionFloor(3001), detectionFloor(50_000)]).toEqual([3, 3, 4, 50])
  })
})

describe('the study list', () => {
  it('is at most 100 genes, at most 4 % of the background, at least 15', () => {
    expect([200, 751, 2000, 2500, 18_000].map(studyLimit)).toEqual([15, 30, 80, 100, 100])
  })

  const effects: Pick<GeneEffects, 'auroc' | 'meanDifference' | 'detectedActive'> = {
    auroc: Float64Array.of(0.9, 0.549, 0.8, 0.8, 0.99, 0.55),
    meanDifference: Float64Array.of(1, 1, 1, 2, 3, 0.1),
    detectedActive: Float64Array.of(0.5, 1, 0.5, 0.5, 0.049, 0.05),
  }
  const background = { columns: Uint32Array.of(0, 1, 2, 3, 4, 5), genes: Int32Array.of(10, 11, 12, 13, 14, 15) }

  it('leaves out genes under the effect floor and breaks ties by the difference of means', () => {
    expect(Array.from(studyList(effects, background, 0.55))).toEqual([0, 3, 2, 5])
  })

  it('asks more of small groups, where chance alone reaches 0.55', () => {
    expect(aurocFloor(50, 250)).toBeCloseTo(0.5 + 3 * 0.04481, 4)
    expect(aurocFloor(2000, 10_000)).toBe(0.55)
  })

  it('differs from the list shown, which ranks every column', () => {
    expect(Array.from(topColumns(effects, 4))).toEqual([4, 0, 3, 2])
    expect(topColumns(effects, 50).length).toBe(6)
  })

  it('has a counterpart of the lowest genes, under 0.5 and not among the best', () => {
    const low = { ...effects, auroc: Float64Array.of(0.9, 0.2, 0.5, 0.1, 0.3, 0.45) }
    expect(Array.from(lowestColumns(low, 2, topColumns(low, 1)))).toEqual([1, 3])
    expect(Array.from(lowestColumns(low, 50, topColumns(low, 3)))).toEqual([4, 1, 3])
  })
})
