// Correlation given a third list: that of the residuals of two regressions, from sparse lists.
import { expect, it } from 'vitest'
import { createSparsePearson, partialCorrelation } from '../../src/main/science/partial-correlation'

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
