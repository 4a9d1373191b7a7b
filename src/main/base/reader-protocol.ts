// What the engine and a reader say to each other, through the host. A reader looks into the user's files, so that a library that
// crashes or never comes back takes nothing with it. Large results lie in scratch files; only descriptions travel.
import type { AppError } from '@contract'

export type ToReader =
  /** A task is to follow: what most files need can be loaded already. */
  { readonly t: 'prepare' } | { readonly t: 'task'; readonly task: unknown } | { readonly t: 'cancel' }

export type FromReader =
  /** Sent often while there is work, so that silence means that it is stuck. */
  | { readonly t: 'alive' }
  | { readonly t: 'progress'; readonly phase: string; readonly step: number; readonly of: number }
  /** A piece of the result that can be taken already. */
  | { readonly t: 'pages'; readonly pages: unknown }
  | { readonly t: 'done'; readonly value: unknown }
  | { readonly t: 'failed'; readonly error: AppError }
  | { readonly t: 'bug'; readonly ref: string; readonly stack: string }
