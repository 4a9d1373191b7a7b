// What a text table is: an embedding of cells, an expression matrix (either way round) or metadata of cells.
// Invariant: decided from names and values together, with the sentence that tells the user which and why.
import type { RowKind } from '@contract'
import type { GeneResolver } from '../gene-resolver'
import type { TableContent } from './content'

export type Meaning = 'embedding' | 'expression' | 'genes-in-rows' | 'metadata'

const dimensionName =
  /^(?:pcs?|dim(?:ension)?s?|d|umap|t-?sne|x|z|v|latent|factor|component|emb(?:edding)?|lv|ic|nmf|lsi|mde|harmony|scvi|scgpt|geneformer|uce|[a-z]\w*?)[ _.:-]?\d+$/i
const plane = /^(?:(?:umap|t-?sne|coord|mde)?[ _-]?[xyz])$/i
const uninformative = /^(?:[vx]?\d+|column ?\d+|unnamed: ?\d+)$/i
const dateLike = /^(?:\d{1,2}-[a-z]{3}|[a-z]{3}-\d{1,2}|4\d{4}|\d{4}-\d{2}-\d{2})$/i
const geneHeader = /^(?:gene|symbol|feature|ensembl)/i
const mostTested = 2000
const fewMetadataColumns = 60

/** Share of the names that are known genes, or were genes before a spreadsheet took them for dates. */
function geneShare(names: readonly string[], genes: GeneResolver): number {
  const step = Math.max(1, Math.floor(names.length / mostTested))
  let tested = 0
  let known = 0
  for (let at = 0; at < names.length; at += step) {
    const name = names[at] ?? ''
    tested++
    if (dateLike.test(name) || (!uninformative.test(name) && genes.resolve(name).gene !== null)) known++
  }
  return tested === 0 ? 0 : known / tested
}

const shareOf = (names: readonly string[], fits: (name: string) => boolean): number =>
  names.length === 0 ? 0 : names.filter(fits).length / names.length

/** PC_1, PC_2 …: one stem with running numbers. */
function numberedStem(names: readonly string[]): boolean {
  const stems = new Set(names.map(withoutLastDigits))
  return names.length > 1 && stems.size === 1 && names.every(isDimensionName)
}

/** Letter by letter: a pattern would try a long row of digits from each of its places. */
function withoutLastDigits(name: string): string {
  let end = name.length
  while (end > 0 && isDigit(name.charCodeAt(end - 1))) end--
  return name.slice(0, end)
}

const isDigit = (letter: number): boolean => letter >= 48 && letter <= 57
const longestDimensionName = 100
const isDimensionName = (name: string): boolean => name.length <= longestDimensionName && dimensionName.test(name)

/** A dimension that is called like one: PC_1, dim3, V2, 0 … */
const surelyDimension =
  /^(?:pcs?|dim(?:ension)?s?|d|latent|factor|component|emb(?:edding)?|lv|ic|nmf|lsi|svd|harmony|scvi|scgpt|geneformer|esm2?|v|x|z)?[ _.:-]?\d+$/i

/** Decides what the table is; `said` is the user's word on what its rows are. */
export function meaningOf(
  {
    numbers: names,
    others,
    ids,
    idName,
    look,
    rows,
  }: Pick<TableContent, 'numbers' | 'others' | 'ids' | 'idName' | 'look' | 'rows'>,
  genes: GeneResolver,
  said: RowKind | null = null,
): Meaning {
  if (names.length === 0) return 'metadata'
  if (said === 'genes' || said === 'proteins') return names.length > 1 ? 'embedding' : 'metadata'
  const inColumns = geneShare(names, genes)
  const inRows = ids === null ? 0 : geneShare(ids, genes)
  if (inColumns >= 0.3 && inColumns >= inRows) return 'expression'
  if (names.length > 1 && inRows > Math.max(0.3, inColumns)) {
    // Expression is never below zero unless it is scaled; dimensions of an embedding of genes are.
    const dimensions =
      said === null && names.every((name) => surelyDimension.test(name)) && look.values.some((value) => value < 0)
    return dimensions ? 'embedding' : 'genes-in-rows'
  }
  if (names.length > 1 && geneHeader.test(idName) && ids !== null && inRows > 0.05) return 'genes-in-rows'
  if (names.length < 2) return 'metadata'
  if (rows === 0) return 'metadata'
  const counts = isCounts(look.values)
  const unnamed = shareOf(names, (name) => uninformative.test(name)) > 0.9
  if (unnamed) return counts && others.length === 0 ? 'expression' : 'embedding'
  if (numberedStem(names)) return 'embedding'
  if (names.length <= 3 && names.every((name) => plane.test(name))) return 'embedding'
  if (others.length > 0 || names.length <= fewMetadataColumns) {
    return shareOf(names, isDimensionName) >= 0.8 && others.length === 0 ? 'embedding' : 'metadata'
  }
  return counts || look.values.every((value) => !(value < 0)) ? 'expression' : 'embedding'
}

const isCounts = (values: Float32Array): boolean =>
  values.every((value) => Number.isNaN(value) || (Number.isInteger(value) && value >= 0))
