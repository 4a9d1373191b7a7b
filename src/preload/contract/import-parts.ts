// Words of the import that several messages share: what the rows are, which of them are taken, what an import will cost.
// Units: bytes, seconds. Absent is null.
import * as v from 'valibot'
import { limits } from './limits'

const ShortName = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameLength))
const Whole = v.pipe(v.number(), v.integer(), v.minValue(0))

/** What one row is. Rows that are genes or proteins need no expression: each row stands for a gene itself. */
export const RowKind = v.picklist(['cells', 'genes', 'proteins'])
export type RowKind = v.InferOutput<typeof RowKind>

/** Keeps rows whose value in `column` is (or is not) `value`; '' means missing. Several for one column with `equal`: any of them. */
export const CellFilter = v.strictObject({
  column: ShortName,
  equal: v.boolean(),
  value: v.pipe(v.string(), v.maxLength(limits.nameLength)),
})
export type CellFilter = v.InferOutput<typeof CellFilter>

/** What a first line is, and which way round a table is: the answers to what a text file does not say itself. */
export const HeaderAnswer = v.picklist(['yes', 'no'])
export type HeaderAnswer = v.InferOutput<typeof HeaderAnswer>

/** Genes of several files: those in all of them, or those in any, where a missing one counts as not seen. */
export const GeneUnion = v.picklist(['shared', 'all'])
export type GeneUnion = v.InferOutput<typeof GeneUnion>

/** What the rows of a file seem to be, and why. */
export const RowGuess = v.strictObject({
  kind: RowKind,
  why: v.string(),
  /** Rows that are known genes; of the rows looked at. */
  mapped: Whole,
  of: Whole,
})
export type RowGuess = v.InferOutput<typeof RowGuess>

/** What an import will need, roughly; `free` is what this computer has now, where it is known. */
export const ImportEstimate = v.strictObject({
  memoryBytes: Whole,
  diskBytes: Whole,
  seconds: v.number(),
  free: v.strictObject({ memoryBytes: v.nullable(Whole), diskBytes: v.nullable(Whole) }),
  /** The same in one sentence. */
  sentence: v.string(),
})
export type ImportEstimate = v.InferOutput<typeof ImportEstimate>

/** How much was measured in a row, on average: sum of the values, and features above 0. */
export const PerRow = v.strictObject({ total: v.number(), detected: v.number() })
export type PerRow = v.InferOutput<typeof PerRow>

/** A further kind of features as the look into a file finds it; it is kept beside the genes. */
export const FoundBlock = v.strictObject({
  /** The matrix it comes from. */
  key: v.string(),
  type: v.string(),
  features: Whole,
  verdict: v.string(),
  /** The first names. */
  examples: v.array(v.string()),
})
export type FoundBlock = v.InferOutput<typeof FoundBlock>

/** A further kind of features of the same rows: peaks, antibodies, guides. */
export const FeatureBlock = v.strictObject({
  key: v.string(),
  /** As the file calls it: Peaks, Antibody Capture … */
  type: v.string(),
  features: Whole,
  verdict: v.string(),
  /** How many are linked to a nearest gene. */
  linked: Whole,
  perRow: v.nullable(PerRow),
})
export type FeatureBlock = v.InferOutput<typeof FeatureBlock>

/** A file that data came from. */
export const SourceFile = v.strictObject({
  name: v.string(),
  bytes: Whole,
  sha256: v.string(),
  /** What was taken from it. */
  part: v.picklist(['rows', 'metadata', 'expression', 'representation', 'names', 'genes']),
})
export type SourceFile = v.InferOutput<typeof SourceFile>

export const StoredRepresentation = v.strictObject({
  key: v.string(),
  dims: Whole,
  /** The one that is trained on. */
  active: v.boolean(),
})
export type StoredRepresentation = v.InferOutput<typeof StoredRepresentation>

const Token = v.pipe(v.string(), v.regex(/^[a-f0-9]{32}$/))

/** Further files of the same cells. */
export const FilesBeside = v.strictObject({
  metadata: v.nullable(Token),
  /** Names of the cells, in the order of the rows. */
  ids: v.nullable(Token),
  expression: v.nullable(Token),
  /** Row i is the same cell in all files: only when the user says so. */
  byPosition: v.boolean(),
  /** Files of further cells, put under the first one. */
  more: v.optional(v.array(Token)),
  /** Where genes lie, to name the gene nearest to each peak. */
  genePositions: v.optional(v.nullable(Token)),
})
export type FilesBeside = v.InferOutput<typeof FilesBeside>
