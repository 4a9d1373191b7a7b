// For every latent the genes with the greatest and the least value of several measures, kept while all genes pass by once.

export interface TopLists {
  /** Offers one gene: `measures[m][latent]`; NaN is passed over. Genes come in ascending order. */
  offer(gene: number, measures: readonly Float64Array[]): void
  /** Genes that stand on any of a latent's lists, ascending, with all measures. */
  of(latent: number): { readonly genes: Uint32Array; readonly measures: readonly Float32Array[] }
}

/** @param length entries of each list: `length` greatest and `length` least per measure */
export function createTopLists(latents: number, measureCount: number, length: number): TopLists {
  const lists = 2 * measureCount
  const filled = new Uint16Array(latents * lists)
  /** Best first within a list. Each entry holds what it is ranked by, its gene and all measures. */
  const keys = new Float32Array(latents * lists * length)
  const genes = new Uint32Array(keys.length)
  const kept = Array.from({ length: measureCount }, () => new Float32Array(keys.length))

  const insert = (list: number, key: number, gene: number, latent: number, measures: readonly Float64Array[]): void => {
    const start = list * length
    const count = filled[list] as number
    if (count === length && key <= (keys[start + length - 1] as number)) return
    let slot = start + Math.min(count, length - 1)
    while (slot > start && (keys[slot - 1] as number) < key) {
      keys[slot] = keys[slot - 1] as number
      genes[slot] = genes[slot - 1] as number
      for (const measure of kept) measure[slot] = measure[slot - 1] as number
      slot--
    }
    keys[slot] = key
    genes[slot] = gene
    measures.forEach((values, at) => ((kept[at] as Float32Array)[slot] = values[latent] as number))
    if (count < length) filled[list] = count + 1
  }

  return {
    offer: (gene, measures) => {
      for (let latent = 0; latent < latents; latent++)
        for (let measure = 0; measure < measureCount; measure++) {
          const value = (measures[measure] as Float64Array)[latent] as number
          if (Number.isNaN(value)) continue
          insert(latent * lists + 2 * measure, Math.fround(value), gene, latent, measures)
          insert(latent * lists + 2 * measure + 1, -Math.fround(value), gene, latent, measures)
        }
    },
    of: (latent) => {
      const slots = new Map<number, number>()
      for (let list = latent * lists; list < (latent + 1) * lists; list++)
        for (let at = 0; at < (filled[list] as number); at++) slots.set(genes[list * length + at] as number, list * length + at)
      const found = Uint32Array.from(slots.keys()).sort()
      return {
        genes: found,
        measures: kept.map((measure) => Float32Array.from(found, (gene) => measure[slots.get(gene) as number] as number)),
      }
    },
  }
}
