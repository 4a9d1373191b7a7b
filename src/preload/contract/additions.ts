// What is added to a project that has data: columns, a representation, an expression, more rows; and the 2-D map made on request.
import * as v from 'valibot'
import { Count, FileToken, ImportChoice, Name, Problem } from './model'

/** Metadata, a representation or an expression of the rows that are there, or further rows. */
export const AdditionKind = v.picklist(['metadata', 'representation', 'expression', 'rows'])
export type AdditionKind = v.InferOutput<typeof AdditionKind>

export const AddRequest = v.strictObject({
  file: FileToken,
  /** Null: decided by what is in the file and by the names of its rows. */
  kind: v.nullable(AdditionKind),
  choice: ImportChoice,
  /** Names of the rows of a file that has none. */
  ids: v.nullable(FileToken),
  byPosition: v.boolean(),
})
export type AddRequest = v.InferOutput<typeof AddRequest>

export const AddReport = v.strictObject({
  kind: AdditionKind,
  /** Rows of the project afterwards. */
  rows: Count,
  genes: Count,
  /** Names of the columns that are new. */
  columns: v.array(v.string()),
  representation: v.nullable(v.string()),
  matched: v.strictObject({ both: Count, onlyFile: Count, onlyProject: Count }),
  problems: v.array(Problem),
})
export type AddReport = v.InferOutput<typeof AddReport>

export const MapKind = v.picklist(['umap', 'pca'])
export type MapKind = v.InferOutput<typeof MapKind>
export const MapRequest = v.strictObject({ kind: MapKind })
export type MapRequest = v.InferOutput<typeof MapRequest>

export const FeatureRequest = v.strictObject({ block: Name, feature: Name })
export type FeatureRequest = v.InferOutput<typeof FeatureRequest>

/** The gene a row or a feature stands for. */
export const RowGene = v.strictObject({
  row: Count,
  name: v.string(),
  symbol: v.nullable(v.string()),
  method: v.string(),
})
export type RowGene = v.InferOutput<typeof RowGene>
