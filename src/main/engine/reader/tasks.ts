// What a reader is asked to do, and what it answers with.
import type { ImportChoice, Inspection, ModelFormat } from '@contract'
import type {
  AdditionRequest,
  FiledEmbedding,
  FilesBeside,
  ImportedData,
  ImportRequest,
  ReadAddition,
  StoredData,
  WantedEmbedding,
} from '../import'
import type { FiledModel } from '../import/models/filed-model'

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
    | { readonly kind: 'embedding'; readonly path: string; readonly wanted: WantedEmbedding; readonly folder: string }
    | { readonly kind: 'model'; readonly path: string; readonly format: ModelFormat | null; readonly folder: string }
  )

export const pathOfTask = (task: ReaderTask): string => ('request' in task ? task.request.path : task.path)

export interface ReaderAnswers {
  inspect: Inspection
  import: ImportedData
  add: ReadAddition
  embedding: FiledEmbedding
  model: FiledModel
}
