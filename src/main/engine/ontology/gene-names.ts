// Cleans the gene names that data files hold before they are looked up. Nothing here knows which genes exist.

export interface GeneName {
  /** Ensembl gene id without version, when the name holds one. */
  readonly ensembl: string | null
  /** The remaining name, when there is one. */
  readonly symbol: string | null
}

const ensemblGene = /^ENS[A-Z]*G\d{11}$/
const speciesPrefix = /^(?:GRCh3[78]|hg19|hg38)_+/
const symbolWithId = /^(.+)_(ENS[A-Z]*G\d{11}(?:\.\d+)?)$/

/** Takes off "_PAR_Y" and the version, but only from an Ensembl id: gene symbols may end in a dot and digits too. */
function ensemblId(text: string): string | null {
  const bare = text.replace(/_PAR_Y$/, '').replace(/\.\d+$/, '')
  return ensemblGene.test(bare) ? bare : null
}

/** Trims, removes quotes, the prefix of a human reference genome and Ensembl versions; splits "id|symbol" and "SYMBOL_ENSG…". */
export function cleanGeneName(raw: string): GeneName {
  const trimmed = raw
    .trim()
    .replace(/^(['"])(.*)\1$/, '$2')
    .trim()
    .replace(speciesPrefix, '')
  let ensembl: string | null = null
  let symbol: string | null = null
  for (const part of trimmed.split('|')) {
    const joined = symbolWithId.exec(part)
    for (const piece of joined ? [joined[2] as string, joined[1] as string] : [part.trim()]) {
      const id = ensemblId(piece)
      if (id !== null) ensembl ??= id
      else if (piece !== '' && piece !== '?') symbol ??= piece
    }
  }
  return { ensembl, symbol }
}

/** The name without a numbering added by make.unique ("MATR3-1", "MATR3.1"), or null. Only valid if that name is in the data too. */
export function withoutNumbering(name: string): string | null {
  const found = /^(.+)[-.]\d+$/.exec(name)
  return found ? (found[1] as string) : null
}
