// Depth normalisation and logarithm of expression, as scanpy's normalize_total(target_sum) and log1p do it.
// Invariant: a cell without any count stays all zero; sums are taken in double precision.
import type { Csr } from '../base/sparse'

export const countsPerCell = 10_000

/** ln(1 + target · x / total of the cell); cells × genes in, cells × genes out, the pattern of zeros unchanged. */
export function normaliseLog1p(counts: Csr, target = countsPerCell): Csr {
  const values = new Float32Array(counts.values.length)
  for (let cell = 0; cell < counts.rows; cell++) {
    const start = counts.indptr[cell] as number
    const end = counts.indptr[cell + 1] as number
    let total = 0
    for (let at = start; at < end; at++) total += counts.values[at] as number
    const factor = total > 0 ? target / total : 0
    for (let at = start; at < end; at++) values[at] = Math.log1p((counts.values[at] as number) * factor)
  }
  return { ...counts, values }
}

/** log2(1 + x) to ln(1 + x): the same numbers on the natural scale the statistics use. */
export function naturalFromLog2(matrix: Csr): Csr {
  return { ...matrix, values: matrix.values.map((value) => value * Math.LN2) }
}
