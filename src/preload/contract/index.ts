// One door to the treaty between processes.
export * from './additions'
export * from './concept-map'
export * from './concepts'
export * from './engine-methods'
export * from './enrichment'
export * from './errors'
export * from './events'
export * from './exchange'
export * from './genes'
export * from './import-parts'
export * from './limits'
export * from './linking'
export * from './linking-choice'
export * from './model'
export * from './neighbours'
export * from './ontology'
export * from './report'
export * from './run-control'
export * from './run-details'
export * from './run-source'
export * from './shell-methods'
export * from './term-choice'
export * from './stability'
export * from './training'
export * from './version'

import type { AppError } from './errors'

/** How every answer crosses a process border: a value, or an error value; never a thrown object. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError }

/** The one object the preload script exposes to the window. */
export interface LatiscopeBridge {
  readonly contractVersion: number
  engine(method: string, params: unknown): Promise<Result<unknown>>
  shell(method: string, params: unknown): Promise<Result<unknown>>
  grantDropped(file: File): Promise<Result<unknown>>
  onEvent(listener: (event: { name: string; payload: unknown }) => void): () => void
}
