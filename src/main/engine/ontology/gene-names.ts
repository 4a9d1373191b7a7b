// Cleans the gene names that data files hold before they are looked up. Nothing here knows which genes exist.

export interface GeneName {
  /** Ensembl gene id without version, when the name holds one. */
  readonly ensembl: string | null
  /** The remaining name, when there is one. */
  readonly symbol: string | null
  /** Species of the reference genome in front of the name (`GRCh38_`, `mm10___`), as references of two species write it. */
  readonly genome: 'human' | 'mouse' | null
  /** UniProt accession without isoform, when the name has the form of one; it may still be a symbol. */
  readonly protein: string | null
}

const ensemblGene = /^ENS[A-Z]*G\d{11}$/
const genomePrefix = /^(?:(GRCh3[78]|hg19|hg38)|GRCm3[89]|mm9|mm10|mm39)_+(?=.)/
const symbolWithId = /^(.+)_(ENS[A-Z]*G\d{11}(?:\.\d+)?)$/
// The form UniProt documents: six characters, or ten.
const uniprot = /^(?:[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z\d]{2}\d){1,2})(?:-\d+)?$/
const fastaName = /^(?:sp|tr)\|([^|]+)\|/

/** Takes off "_PAR_Y" and the version, but only from an Ensembl id: gene symbols may end in a dot and digits too. */
function ensemblId(text: string): string | null {
  const bare = text.replace(/_PAR_Y$/, '').replace(/\.\d+$/, '')
  return ensemblGene.test(bare) ? bare : null
}

/** The names of one file are asked for several times in a row. */
const lately = new Map<string, GeneName>()
const mostKept = 65_536

/** Trims, removes quotes, the prefix of a reference genome and Ensembl versions; splits "id|symbol" and "SYMBOL_ENSG…". */
export function cleanGeneName(raw: string): GeneName {
  const known = lately.get(raw)
  if (known) return known
  if (lately.size >= mostKept) lately.clear()
  const name = cleaned(raw)
  lately.set(raw, name)
  return name
}

function cleaned(raw: string): GeneName {
  const trimmed = raw
    .trim()
    .replace(/^(['"])(.*)\1$/, '$2')
    .trim()
  const prefix = genomePrefix.exec(trimmed)
  const genome = prefix ? (prefix[1] === undefined ? 'mouse' : 'human') : null
  const bare = prefix ? trimmed.slice(prefix[0].length) : trimmed
  const fasta = fastaName.exec(bare)
  let ensembl: string | null = null
  let symbol: string | null = null
  for (const part of fasta ? [fasta[1] as string] : bare.split('|')) {
    const joined = symbolWithId.exec(part)
    for (const piece of joined ? [joined[2] as string, joined[1] as string] : [part.trim()]) {
      const id = ensemblId(piece)
      if (id !== null) ensembl ??= id
      else if (piece !== '' && piece !== '?') symbol ??= piece
    }
  }
  const protein = symbol !== null && uniprot.test(symbol) ? symbol.replace(/-\d+$/, '') : null
  return { ensembl, symbol, genome, protein }
}

/** The name without a numbering added by make.unique ("MATR3-1", "MATR3.1"), or null. Only valid if that name is in the data too. */
export function withoutNumbering(name: string): string | null {
  const found = /^(.+)[-.]\d+$/.exec(name)
  return found ? (found[1] as string) : null
}
