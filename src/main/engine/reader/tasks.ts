// What a reader is asked to do, and what it answers with.
import type { Inspection } from '@contract'
import type { FilesBeside, ImportedData, ImportRequest } from '../import'

export type ReaderTask =
  | { readonly kind: 'inspect'; readonly path: string; readonly beside: FilesBeside }
  | { readonly kind: 'import'; readonly request: ImportRequest; readonly folder: string }

export interface ReaderAnswers {
  inspect: Inspection
  import: ImportedData
}
