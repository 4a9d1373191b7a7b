// Which concepts and latents a heat map shows, and in which order.
import { describe, expect, it } from 'vitest'
import { centreOf, chooseAxes, clusterOrder, type ConceptPair } from '../../src/main/science/concept-map'

const pair = (concept: number, latent: number, strength: number, leads = true): ConceptPair => ({
  concept,
  latent,
  strength,
  leads,
})

describe('the axes of a heat map', () => {
  // Latent 0 has many strong concepts, latent 1 one weak one.
  const pairs = [...Array.from({ length: 10 }, (_, at) => pair(at, 0, 50 - at)), pair(20, 1, 3), pair(1, 2, 2)]

  it('leave room for a latent with one weak concept beside one with many strong ones', () => {
    expect(chooseAxes(pairs, 3, null)).toEqual({ concepts: [0, 20, 1], latents: [0, 1, 2] })
  })

  it('take the concept asked for, whatever its rank, and none that no latent goes with', () => {
    expect(chooseAxes(pairs, 2, 9).concepts).toEqual([9, 0])
    expect(chooseAxes(pairs, 2, 99).concepts).toEqual([0, 20])
  })

  it('leave out what only repeats another concept of the latent, unless it is asked for or all there is', () => {
    const repeated = [pair(0, 0, 9, false), pair(1, 0, 2), pair(5, 3, 4, false)]
    expect(chooseAxes(repeated, 9, null).concepts).toEqual([5, 1])
    expect(chooseAxes(repeated, 9, 0).concepts).toEqual([0, 5, 1])
  })

  it('are never longer than asked for', () => {
    const many = Array.from({ length: 400 }, (_, at) => pair(at % 20, at, 1 + at))
    const axes = chooseAxes(many, 15, null)
    expect([axes.concepts.length, axes.latents.length]).toEqual([15, 15])
  })
})

describe('the order of a heat map', () => {
  const row = (...values: number[]): Float64Array => Float64Array.from(values)

  it('has alike rows side by side, the lighter branch first', () => {
    const rows = [row(9, 8, 0, 0), row(0, 0, 5, 6), row(7, 9, 0, 1), row(0, 1, 6, 7)]
    expect(clusterOrder(rows, rows.map(centreOf))).toEqual([0, 2, 3, 1])
    expect(clusterOrder(rows, [3, 0, 3, 0])).toEqual([1, 3, 0, 2])
  })

  it('copes with empty rows and with none', () => {
    expect(clusterOrder([], [])).toEqual([])
    expect(clusterOrder([row(0, 0), row(0, 1)], [1, 0])).toEqual([1, 0])
    expect(centreOf(row(0, 0))).toBe(2)
  })
})
