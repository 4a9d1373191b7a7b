// Which Entrez gene (the key of the annotations) a GENCODE gene is. Invariant: all GENCODE genes linked to one Entrez gene
// have the same symbol or none, so every gene keeps its own name.

/**
 * A gene belongs to the Entrez gene that lists its Ensembl id, best where the symbols agree too; without such an id, to the Entrez
 * gene of that official symbol (copies of the pseudoautosomal regions and of alternative assemblies have ids Entrez does not list).
 * @returns {number[]} row of the Entrez gene per gene, −1 for none
 */
export function linkToEntrez(genes, entrez) {
  const byId = grouped(entrez, (gene) => gene.ensembl)
  const bySymbol = grouped(entrez, (gene) => [gene.symbol])
  // Where both sides know the other's symbol as a gene of its own, a shared id is no new name.
  const official = new Set(genes.map((gene) => gene.symbol))
  const isFree = (gene, row) => !bySymbol.has(gene.symbol) && !official.has(entrez[row].symbol)
  const links = genes.map((gene) => linkById(gene, byId.get(gene.id) ?? [], entrez, isFree))
  const named = (gene) => gene.symbol !== gene.id
  keepOneSymbol(links, genes, entrez, named)
  const linked = grouped(genes, (_, at) => (links[at] < 0 ? [] : [links[at]]))
  const waiting = grouped(genes, (gene, at) => (links[at] < 0 && named(gene) ? [gene.symbol] : []))
  for (const [symbol, rows] of waiting) {
    const [wanted, another] = bySymbol.get(symbol) ?? []
    if (wanted === undefined || another !== undefined) continue
    const before = linked.get(wanted) ?? []
    if (before.some((row) => named(genes[row]) && genes[row].symbol !== symbol)) continue
    const biotype = before.length > 0 ? genes[before[0]].biotype : rows.length === 1 ? genes[rows[0]].biotype : 'protein_coding'
    for (const row of rows) if (genes[row].biotype === biotype) links[row] = wanted
  }
  return links
}

const smallRna = /^(?:MIR\d|SNOR[AD]\d|SCARNA\d|RNU\d|RNA5S|VTRNA|TRN[A-Z])/

/** Ids of small RNAs are listed under the genes they lie in and the other way round: those are two genes, not a new name. */
function isSameKind(symbol, { biotype }) {
  const isSmall = /^(?:miRNA|sn?o?RNA|snRNA|scaRNA|rRNA|Mt_tRNA|vault_RNA|misc_RNA)$/.test(biotype)
  return smallRna.test(symbol) === isSmall
}

function linkById(gene, candidates, entrez, isFree) {
  const same = candidates.find((row) => entrez[row].symbol === gene.symbol)
  if (same !== undefined) return same
  const alias = candidates.filter((row) => entrez[row].aliases.includes(gene.symbol))
  if (alias.length === 1) return alias[0]
  const unnamed = gene.symbol === gene.id
  const like = candidates.filter((row) => isSameKind(entrez[row].symbol, gene) && (unnamed || isFree(gene, row)))
  const annotated = like.filter((row) => entrez[row].isAnnotated)
  if (like.length === 1) return like[0]
  return annotated.length === 1 ? annotated[0] : -1
}

/** Of several genes under one Entrez gene, those named as it is stay (else as the first one is), and those without a name. */
function keepOneSymbol(links, genes, entrez, named) {
  for (const [row, members] of grouped(genes, (_, at) => (links[at] < 0 ? [] : [links[at]]))) {
    const names = members.filter((at) => named(genes[at])).map((at) => genes[at].symbol)
    const kept = names.includes(entrez[row].symbol) ? entrez[row].symbol : names[0]
    for (const at of members) if (named(genes[at]) && genes[at].symbol !== kept) links[at] = -1
  }
}

function grouped(rows, keysOf) {
  const groups = new Map()
  rows.forEach((row, at) => {
    for (const key of keysOf(row, at)) groups.set(key, [...(groups.get(key) ?? []), at])
  })
  return groups
}
