import { expect, it } from 'vitest'
import { transpose, type Csr } from '../../src/main/base/sparse'

it('a sparse matrix transposed twice is itself', () => {
  const matrix: Csr = {
    rows: 3,
    columns: 4,
    indptr: Float64Array.of(0, 2, 2, 5),
    indices: Uint32Array.of(1, 3, 0, 1, 2),
    values: Float32Array.of(1, 2, 3, 4, 5),
  }
  expect(transpose(matrix)).toEqual({
    rows: 4,
    columns: 3,
    indptr: Float64Array.of(0, 1, 3, 4, 5),
    indices: Uint32Array.of(2, 0, 2, 2, 0),
    values: Float32Array.of(3, 1, 4, 5, 2),
  })
  expect(transpose(transpose(matrix))).toEqual(matrix)
})
