// Reading reference values and reference matrices for the tests of the statistics.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import h5wasm from 'h5wasm/node'
import type { Csr } from '../../src/main/base/sparse'
import { shared } from '../shared-folder'

export function golden<T>(path: string): T {
  return JSON.parse(readFileSync(join(shared ?? '', 'golden', path), 'utf8')) as T
}

export const relativeError = (ours: number, theirs: number): number =>
  ours === theirs ? 0 : Math.abs(ours - theirs) / Math.abs(theirs)

/** Cells × genes with the zeros left out. */
export function sparse(rows: readonly (readonly number[])[]): Csr {
  const columns = rows[0]?.length ?? 0
  const indptr = new Float64Array(rows.length + 1)
  const indices: number[] = []
  const values: number[] = []
  rows.forEach((row, at) => {
    row.forEach((value, column) => {
      if (value === 0) return
      indices.push(column)
      values.push(value)
    })
    indptr[at + 1] = values.length
  })
  return { rows: rows.length, columns, indptr, indices: Uint32Array.from(indices), values: Float32Array.from(values) }
}

export interface SmallH5ad {
  /** A CSR group of the file, for example raw/X. */
  matrix(path: string, columns: number): Csr
  strings(path: string): string[]
  numbers(path: string): number[]
  /** One member of a compound dataset, as pre-0.7 files hold their tables. */
  member(path: string, name: string): unknown[]
}

/** Opens one of the small reference files; the product's own importer is tested elsewhere. */
export async function openSmallH5ad(name: string): Promise<SmallH5ad> {
  await h5wasm.ready
  const file = new h5wasm.File(join(shared ?? '', 'data/h5ad', name), 'r')
  const dataset = (path: string): InstanceType<typeof h5wasm.Dataset> => {
    const found = file.get(path)
    if (!(found instanceof h5wasm.Dataset)) throw new Error(`${path} is no dataset`)
    return found
  }
  const read = (path: string): unknown => dataset(path).value
  const numbers = (path: string): number[] => Array.from(read(path) as ArrayLike<number | bigint>, Number)
  return {
    numbers,
    member: (path, name) => {
      const at = dataset(path).metadata.compound_type?.members.findIndex((one) => one.name === name) ?? -1
      return (read(path) as unknown[][]).map((row) => row[at])
    },
    strings: (path) => Array.from(read(path) as ArrayLike<string>, String),
    matrix: (path, columns) => {
      const indptr = Float64Array.from(numbers(`${path}/indptr`))
      return {
        rows: indptr.length - 1,
        columns,
        indptr,
        indices: Uint32Array.from(numbers(`${path}/indices`)),
        values: Float32Array.from(numbers(`${path}/data`)),
      }
    },
  }
}
