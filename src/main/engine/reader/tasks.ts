// What a reader is asked to do, and what it answers with.
import type { ImportChoice, Inspection } from '@contract'
import type { AdditionRequest, FilesBeside, ImportedData, ImportRequest, ReadAddition, StoredData } from '../import'

/** Path of the user's own table of genes, if there is one. */
interface WithGenes {
  readonly geneTable?: string | null
}

export type ReaderTask = WithGenes &
  (
    | {
        readonly kind: 'inspect'
        readonly path: string
        readonly beside: FilesBeside
        readonly choice?: ImportChoice | undefined
      }
    | { readonly kind: 'import'; readonly request: ImportRequest; readonly folder: string }
    | { readonly kind: 'add'; readonly request: AdditionRequest; readonly stored: StoredData; readonly folder: string }
  )

export interface ReaderAnswers {
  inspect: Inspection
  import: ImportedData
  add: ReadAddition
}
