// A gene table as the program reads it. Layout: resources/ontology/README.md. Equal tables give equal bytes on every machine.

/**
 * @param {{ id: string, symbol: string, biotype: string }[]} genes ascending by id
 * @param {string} prefix of the Ensembl ids
 * @param {{ rows: number[], base: string } | null} links row of human.json.gz per gene, −1 for none, and the SHA-256 of that file
 */
export function encodeGeneTable(genes, prefix, links, release) {
  const biotypes = [...new Set(genes.map((gene) => gene.biotype))].sort()
  const numbers = genes.map((gene) => Number(gene.id.slice(prefix.length)))
  return {
    release,
    prefix,
    ids: numbers.map((number, at) => number - (numbers[at - 1] ?? 0)),
    // An unnamed gene has its id as symbol: such symbols are left empty.
    symbols: genes.map((gene) => (gene.symbol === gene.id ? '' : gene.symbol)).join('\n'),
    biotypes,
    biotypeOf: genes.map((gene) => biotypes.indexOf(gene.biotype)),
    links: links?.rows ?? null,
    base: links?.base ?? null,
  }
}
