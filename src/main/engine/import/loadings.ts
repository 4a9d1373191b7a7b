// What each axis of a representation is in genes, where that is known exactly: loadings the file brings, or those of axes computed here.
// Invariant: axes × genes of the expression taken; genes are matched by name, and one without a loading has NaN on every axis.
import { Refusal } from '../../base/refusal'
import type { NumberFile, Scratch, TextFile } from '../scratch/folder'
import type { Taking } from './take-expression'

export interface ImportedLoadings {
  /** One text: the part of the file they are from, or `computedLoadings`. */
  readonly from: TextFile
  /** f32, axes × genes of the expression. */
  readonly values: NumberFile
}

/** The axes were computed on import, so that their weights are known. */
export const computedLoadings = 'the principal components computed on import'

/** Loadings that the file has for the chosen representation; null without, or where no gene of the expression has one. */
export async function takeLoadings({ looked, scratch, track }: Taking): Promise<ImportedLoadings | null> {
  const { source, representation, expression } = looked
  const { key, dims } = representation.info
  const found = expression ? (source.loadings?.(key) ?? null) : null
  if (!expression || found?.part.columns !== dims) return null
  await track.advance(0)
  const place = placesOf(found.genes)
  const rows = Int32Array.from(expression.source.genes.index, (name) => place.get(name) ?? -1)
  try {
    const byGene = new Float32Array(found.part.rows * dims)
    for await (const { start, values } of found.part.denseBlocks(() => Promise.resolve(), scratch))
      byGene.set(values, start * dims)
    return writeLoadings(found.key, dims, rows, (row, axis) => byGene[row * dims + axis] as number, scratch)
  } catch (thrown) {
    // A damaged part that is only helpful does not stop the import.
    if (thrown instanceof Refusal) return null
    throw thrown
  }
}

/** Where each name is; a name that is there twice says nothing. */
function placesOf(names: readonly string[]): Map<string, number> {
  const place = new Map<string, number>()
  names.forEach((name, at) => place.set(name, place.has(name) ? -1 : at))
  return place
}

/**
 * @param rows for every gene of the expression its row among those with loadings, or −1
 * @param weight of a row on an axis; a gene that is 0 or not a number on every axis took no part and has no loading
 */
export function writeLoadings(
  from: string,
  axes: number,
  rows: Int32Array,
  weight: (row: number, axis: number) => number,
  scratch: Scratch,
): ImportedLoadings | null {
  const genes = rows.length
  const values = new Float32Array(axes * genes).fill(NaN)
  let known = 0
  rows.forEach((row, gene) => {
    if (row < 0) return
    const own = Array.from({ length: axes }, (_, axis) => weight(row, axis))
    if (!own.every(Number.isFinite) || own.every((one) => one === 0)) return
    known++
    own.forEach((one, axis) => (values[axis * genes + gene] = one))
  })
  return known === 0 ? null : { from: scratch.writeTexts('loadings-from', [from]), values: scratch.write('loadings', values) }
}
