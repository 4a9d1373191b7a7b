// Correlation given a third list or a category: that of the residuals of two regressions, from sparse lists. The reference values are
// printed by partial-correlation.py beside this file (numpy 2.4.6, scipy 1.17.1, statsmodels 0.15.0).
import { describe, expect, it } from 'vitest'
import { liftedRanks } from '../../src/main/science/association'
import { createSparsePearson, createWithinPearson, partialCorrelation } from '../../src/main/science/partial-correlation'

const x = [0, 0, 1.5, 0, 2, 0.5, 0, 3, 0, 1]
const y = [0, 1, 2, 0, 0, 1, 0.5, 4, 0, 2]
const z = [3, 4, 5, 2.5, 6, 4.5, 3.5, 7, 2, 5.2]
const sparse = (list: readonly number[]) => {
  const indices = Array.from(list.keys()).filter((at) => list[at] !== 0)
  return { indices, values: indices.map((at) => list[at] as number) }
}

it('equals numpy and the residuals of statsmodels.OLS', () => {
  const withZ = createSparsePearson(Float64Array.from(z))
  const [xz, yz] = [withZ(sparse(x)) ?? NaN, withZ(sparse(y)) ?? NaN]
  expect(xz).toBeCloseTo(0.9155646904084659, 12)
  expect(yz).toBeCloseTo(0.7470638035975644, 12)
  const xy = createSparsePearson(Float64Array.from(x))(sparse(y)) ?? NaN
  expect(xy).toBeCloseTo(0.7338411393476257, 12)
  expect(partialCorrelation(xy, xz, yz)).toBeCloseTo(0.1864859932909158, 12)
})

it('is not defined for a list that never varies or that the third explains', () => {
  expect(createSparsePearson(Float64Array.of(1, 2, 3))(sparse([0, 0, 0]))).toBeNull()
  expect(createSparsePearson(Float64Array.of(2, 2, 2))(sparse([0, 1, 0]))).toBeNull()
  expect(partialCorrelation(0.5, 1, 0.5)).toBeNull()
})

const ranks = (list: readonly number[]) => {
  const { indices, values } = sparse(list)
  return { indices, values: liftedRanks(Float32Array.from(values), list.length) }
}

it('equals scipy for ranks given the ranks of the third list', () => {
  const withZ = createSparsePearson(liftedRanks(Float32Array.from(z), z.length))
  const xy = createSparsePearson(Float64Array.from({ length: x.length }, (_, at) => rankOf(x, at)))(ranks(y)) ?? NaN
  expect(xy).toBeCloseTo(0.5841031335203016, 12)
  expect(partialCorrelation(xy, withZ(ranks(x)) ?? NaN, withZ(ranks(y)) ?? NaN)).toBeCloseTo(-0.15849739227691614, 12)
})

/** By the definition: how many are smaller, ties shared. */
const rankOf = (list: readonly number[], at: number): number =>
  list.reduce((rank, value) => rank + (value < (list[at] as number) ? 1 : value === list[at] ? 0.5 : 0), 0.5)

describe('within batches', () => {
  const batch = Int32Array.of(0, 1, 0, 2, 1, 0, 2, 1, -1, 2)
  const known = (list: readonly number[]): number[] => list.filter((_, at) => (batch[at] as number) >= 0)
  const codes = batch.filter((code) => code >= 0)
  const within = (one: readonly number[], other: readonly number[]) => createWithinPearson(batch, 3)(sparse(one))(sparse(other))

  it('is the correlation of what statsmodels.OLS leaves after the batches, for values, ranks and with a third list', () => {
    expect(within(x, y)).toBeCloseTo(0.6934352751717211, 12)
    expect(createWithinPearson(codes, 3)(ranks(known(x)))(ranks(known(y)))).toBeCloseTo(0.5435111349090399, 12)
    const given = partialCorrelation(within(x, y) ?? NaN, within(x, z) ?? NaN, within(y, z) ?? NaN)
    expect(given).toBeCloseTo(0.1040917322525969, 12)
  })

  it('leaves out cells without a batch, and does not see what separates batches', () => {
    const changed = x.map((value, at) => (batch[at] === -1 ? 99 : value))
    expect(within(changed, y)).toBe(within(x, y))
    const shifted = y.map((value, at) => value + 50 * (batch[at] as number))
    expect(within(x, shifted)).toBeCloseTo(0.6934352751717211, 9)
    expect(within(shifted, x)).toBeCloseTo(0.6934352751717211, 9)
  })

  it('is not defined for what only differs between batches', () => {
    const only = Array.from(batch, (code) => code + 1)
    expect(within(only, y)).toBeNull()
    expect(within(y, only)).toBeNull()
    expect(
      within(
        x,
        x.map(() => 0),
      ),
    ).toBeNull()
  })
})
