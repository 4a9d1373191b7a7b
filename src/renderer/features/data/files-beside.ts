// The files beside the one under review: what the user chose, and what the engine is told. Pure.
import type { FilesBeside, Granted } from '@contract'

export type BesideKind = 'metadata' | 'ids' | 'expression'
export const besideKinds: readonly BesideKind[] = ['metadata', 'ids', 'expression']

export interface GrantedBeside extends Readonly<Record<BesideKind, Granted | null>> {
  /** Row i is the same cell in all files: only when the user says so. */
  readonly byPosition: boolean
}

export const noFilesBeside: GrantedBeside = { metadata: null, ids: null, expression: null, byPosition: false }

export const hasFilesBeside = (beside: GrantedBeside): boolean => besideKinds.some((kind) => beside[kind] !== null)

/** What the engine is told; nothing when there is no such file. */
export function besideTokens(beside: GrantedBeside): FilesBeside | undefined {
  if (!hasFilesBeside(beside)) return undefined
  const { metadata, ids, expression, byPosition } = beside
  return { metadata: metadata?.token ?? null, ids: ids?.token ?? null, expression: expression?.token ?? null, byPosition }
}
