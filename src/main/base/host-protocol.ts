// What the host (shell or command line) and the engine say to each other.
import type { AppError, EventName, Result } from '@contract'
import type { FromReader, ToReader } from './reader-protocol'
import type { FromTrainer, ToTrainer } from './trainer-protocol'

/** A path the user chose. `purpose` is checked by the engine: a data file is never written, a project never read as data. */
export interface Grant {
  readonly token: string
  readonly path: string
  readonly purpose: 'project' | 'data' | 'export'
}

export interface EngineVersions {
  readonly node: string
  readonly sqlite: string
  readonly hdf5: string
}

export type ToEngine =
  | { readonly t: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly t: 'grant'; readonly grant: Grant }
  | { readonly t: 'trainer'; readonly run: number; readonly message: FromTrainer }
  | { readonly t: 'trainer-exit'; readonly run: number; readonly why: string }
  | { readonly t: 'reader'; readonly reader: number; readonly message: FromReader }
  | { readonly t: 'reader-exit'; readonly reader: number; readonly why: string }
  | { readonly t: 'stop' }

export type FromEngine =
  | { readonly t: 'ready'; readonly versions: EngineVersions }
  | { readonly t: 'reply'; readonly id: number; readonly result: Result<unknown> }
  | { readonly t: 'event'; readonly name: EventName; readonly payload: unknown }
  /** `first`: what the new trainer is told at once. */
  | { readonly t: 'trainer-start'; readonly run: number; readonly first: ToTrainer }
  | { readonly t: 'trainer-post'; readonly run: number; readonly message: ToTrainer }
  | { readonly t: 'trainer-kill'; readonly run: number }
  | { readonly t: 'reader-start'; readonly reader: number }
  | { readonly t: 'reader-post'; readonly reader: number; readonly message: ToReader }
  | { readonly t: 'reader-kill'; readonly reader: number }
  | { readonly t: 'bug'; readonly ref: string; readonly stack: string }

export type { AppError }
