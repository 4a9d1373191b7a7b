// Sets of genes as the statistics see them: terms × genes in compressed rows, and the family of terms one test run covers.
// Invariant: genes ascend within a term, no gene twice; term order is ascending id, so "by index" means "by id".

/** Terms with at least one gene, after the true-path rule. Genes are numbered as in the ontology's gene table. */
export interface TermSets {
  readonly ids: readonly string[]
  readonly names: readonly string[]
  /** Index of the aspect's root term in `ids`, −1 when it has no gene. The root is never tested. */
  readonly root: number
  readonly geneCount: number
  /** terms + 1 offsets into `indices`. */
  readonly indptr: Uint32Array
  readonly indices: Uint32Array
}

/** The tested terms, cut to a background. Genes are numbered by their place in the background. */
export interface TermFamily {
  /** Index into TermSets.ids, ascending. */
  readonly terms: Uint32Array
  /** Genes of the background in each term. */
  readonly sizes: Uint32Array
  readonly backgroundSize: number
  /** Background genes × family terms: which terms hold a gene. */
  readonly termsOfGene: { readonly indptr: Uint32Array; readonly indices: Uint32Array }
}

/** How many genes of the background a term may have, both ends included. */
export interface TermSizes {
  readonly least: number
  readonly most: number
}

/**
 * Cuts every term to the background and keeps those of `smallest` to `largest` genes; the root is left out.
 * Terms without any gene of a later study list stay in the family (reference: biology of enrichment, docs/linking.md).
 * @param background ontology gene numbers, each once
 * @param withRoot the root is tested too, as other tools do
 */
export function cutToBackground(
  sets: TermSets,
  background: Int32Array,
  smallest = 10,
  largest = 500,
  withRoot = false,
): TermFamily {
  const place = new Int32Array(sets.geneCount).fill(-1)
  background.forEach((gene, at) => (place[gene] = at))
  const terms: number[] = []
  const sizes: number[] = []
  const perGene = new Uint32Array(background.length + 1)
  for (let term = 0; term < sets.ids.length; term++) {
    if (term === sets.root && !withRoot) continue
    const from = sets.indptr[term] as number
    const to = sets.indptr[term + 1] as number
    let size = 0
    for (let at = from; at < to; at++) if ((place[sets.indices[at] as number] as number) >= 0) size++
    if (size < smallest || size > largest) continue
    terms.push(term)
    sizes.push(size)
    for (let at = from; at < to; at++) {
      const gene = place[sets.indices[at] as number] as number
      if (gene >= 0) perGene[gene + 1] = (perGene[gene + 1] as number) + 1
    }
  }
  for (let gene = 0; gene < background.length; gene++)
    perGene[gene + 1] = (perGene[gene + 1] as number) + (perGene[gene] as number)
  return {
    terms: Uint32Array.from(terms),
    sizes: Uint32Array.from(sizes),
    backgroundSize: background.length,
    termsOfGene: { indptr: perGene, indices: invert(sets, terms, place, perGene) },
  }
}

function invert(sets: TermSets, terms: readonly number[], place: Int32Array, indptr: Uint32Array): Uint32Array {
  const next = indptr.slice()
  const indices = new Uint32Array(indptr[indptr.length - 1] as number)
  terms.forEach((term, row) => {
    const to = sets.indptr[term + 1] as number
    for (let at = sets.indptr[term] as number; at < to; at++) {
      const gene = place[sets.indices[at] as number] as number
      if (gene < 0) continue
      const slot = next[gene] as number
      next[gene] = slot + 1
      indices[slot] = row
    }
  })
  return indices
}
