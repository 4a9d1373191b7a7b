// The files beside the one under review: what the user chose, and what the engine is told. Pure.
import type { FilesBeside, Granted } from '@contract'

export type BesideKind = 'metadata' | 'ids' | 'expression'
export const besideKinds: readonly BesideKind[] = ['metadata', 'ids', 'expression']

export interface GrantedBeside extends Readonly<Record<BesideKind, Granted | null>> {
  /** Row i is the same cell in all files: only when the user says so. */
  readonly byPosition: boolean
  /** Files of further cells, put under the first one. */
  readonly more: readonly Granted[]
  /** Where genes lie, to name the gene nearest to each peak. */
  readonly genePositions: Granted | null
}

export const noFilesBeside: GrantedBeside = {
  metadata: null,
  ids: null,
  expression: null,
  byPosition: false,
  more: [],
  genePositions: null,
}

/** Whether there is a file whose rows are the cells of the first one. */
export const hasFilesBeside = (beside: GrantedBeside): boolean => besideKinds.some((kind) => beside[kind] !== null)

/** What the engine is told; nothing when there is no such file. */
export function besideTokens(beside: GrantedBeside): FilesBeside | undefined {
  const { metadata, ids, expression, byPosition, more, genePositions } = beside
  if (!hasFilesBeside(beside) && more.length === 0 && genePositions === null) return undefined
  return {
    metadata: metadata?.token ?? null,
    ids: ids?.token ?? null,
    expression: expression?.token ?? null,
    byPosition,
    ...(more.length > 0 ? { more: more.map(({ token }) => token) } : {}),
    ...(genePositions ? { genePositions: genePositions.token } : {}),
  }
}
