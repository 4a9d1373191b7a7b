// What is said about the names of genes in a file: which species and table, how each name was understood, what stays unknown.
import * as v from 'valibot'
import { limits } from './limits'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** How a name was understood; `ambiguous` and `unmapped` were not. */
export const GeneMethod = v.picklist(['ensembl', 'symbol', 'alias', 'case', 'uniprot', 'entrez', 'ambiguous', 'unmapped'])
export type GeneMethod = v.InferOutput<typeof GeneMethod>

export const GeneReport = v.strictObject({
  mapped: Count,
  of: Count,
  byAlias: Count,
  /** The first names that mean no gene. */
  unmapped: v.array(v.string()),
  /** In words: human, mouse, the name the user gave, or "unknown". */
  species: v.string(),
  /** False when the user should be asked. */
  speciesSure: v.boolean(),
  /** Share of names each table knows in exactly this spelling. */
  speciesShares: v.array(v.strictObject({ species: v.string(), share: v.number() })),
  /** The gene table and its release; null when there is none for the species. */
  table: v.nullable(v.string()),
  methods: v.array(
    v.strictObject({
      method: GeneMethod,
      count: Count,
      /** The first few: the name in the file, and the symbol it means where that is another. */
      examples: v.optional(v.array(v.strictObject({ name: v.string(), symbol: v.nullable(v.string()) }))),
    }),
  ),
  ambiguous: v.array(v.string()),
  /** Names marked as genes of another species than the one chosen. */
  foreign: Count,
  /** Columns whose gene another column has too; such a gene counts once. */
  repeated: Count,
  /** What the names look like: Ensembl ids, symbols, numbers … */
  kinds: v.array(v.strictObject({ kind: v.string(), count: Count })),
  /** Of the mapped genes, the commonest first. */
  biotypes: v.array(v.strictObject({ biotype: v.string(), count: Count })),
  /** Unmapped names that look like non-coding clone names, on which ontologies have almost no data. */
  cloneNames: Count,
})
export type GeneReport = v.InferOutput<typeof GeneReport>

/** What the user says about gene names. Absent: found out from the names. */
export const GeneChoice = v.strictObject({
  species: v.optional(v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameLength)))),
  /** `entrez`: bare numbers are Entrez ids. */
  geneIds: v.optional(v.nullable(v.picklist(['entrez']))),
})
export type GeneChoice = v.InferOutput<typeof GeneChoice>
