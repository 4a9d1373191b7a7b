// What a reader is asked to do, and what it answers with.
import type { ImportChoice, Inspection } from '@contract'
import type { AdditionRequest, FilesBeside, ImportedData, ImportRequest, ReadAddition, StoredData } from '../import'

export type ReaderTask =
  | { readonly kind: 'inspect'; readonly path: string; readonly beside: FilesBeside; readonly choice?: ImportChoice | undefined }
  | { readonly kind: 'import'; readonly request: ImportRequest; readonly folder: string }
  | { readonly kind: 'add'; readonly request: AdditionRequest; readonly stored: StoredData; readonly folder: string }

export interface ReaderAnswers {
  inspect: Inspection
  import: ImportedData
  add: ReadAddition
}
