// Turns ontology facts into the three files the program reads. The layout is described in resources/ontology/README.md.
// Invariant: equal facts give equal bytes, whatever their order and whatever the machine.
import { gzipSync } from 'node:zlib'

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
const deltas = (ascending) => ascending.map((value, at) => value - (ascending[at - 1] ?? 0))
const aspectLetter = { BP: 'P', MF: 'F', CC: 'C' }

/** gzip whose header holds neither a time nor the name of an operating system. */
export function pack(value) {
  const bytes = gzipSync(JSON.stringify(value), { level: 9 })
  bytes[9] = 255
  return bytes
}

function encodeTerms(terms, indexOf) {
  const parents = terms.map((term) =>
    [...new Set(term.parents.map((parent) => indexOf.get(parent.id) * 2 + (parent.relation === 'part_of' ? 1 : 0)))].sort(
      (a, b) => a - b,
    ),
  )
  return {
    ids: deltas(terms.map((term) => Number(term.id.slice(3)))),
    names: terms.map((term) => term.name).join('\n'),
    aspects: terms.map((term) => aspectLetter[term.aspect]).join(''),
    parentCounts: parents.map((list) => list.length),
    parents: parents.flat(),
  }
}

function encodeGenes(genes, indexOf) {
  const usable = (name) => name !== '' && !/[|\n]/.test(name)
  const direct = genes.map((gene) =>
    [...gene.annotations].map(([id, groups]) => [indexOf.get(id), groups]).sort((a, b) => a[0] - b[0]),
  )
  return {
    ids: genes.map((gene) => gene.id).join('\n'),
    // Entrez names an unnamed gene "LOC" + its id: such symbols are left empty.
    symbols: genes.map((gene) => (gene.symbol === `LOC${gene.id}` ? '' : gene.symbol)).join('\n'),
    aliases: genes
      .map((gene) =>
        [...new Set(gene.aliases)]
          .filter((name) => usable(name) && name !== gene.symbol)
          .sort(byText)
          .join('|'),
      )
      .join('\n'),
    ensembl: genes
      .map((gene) =>
        [...new Set(gene.ensembl)]
          .map((id) => Number(id.slice(4)))
          .sort((a, b) => a - b)
          .join('|'),
      )
      .join('\n'),
    annotationCounts: direct.map((list) => list.length),
    annotations: direct.flatMap((list) => deltas(list.map(([term]) => term)).map((delta, at) => delta * 8 + list[at][1])),
  }
}

/** @returns {{ info: object, files: Map<string, Buffer | string> }} */
export function encodeOntology(facts) {
  const terms = [...facts.terms].sort((a, b) => byText(a.id, b.id))
  const indexOf = new Map(terms.map((term, at) => [term.id, at]))
  const numeric = facts.genes.every((gene) => /^\d+$/.test(gene.id))
  const genes = [...facts.genes].sort((a, b) => (numeric ? Number(a.id) - Number(b.id) : byText(a.id, b.id)))
  const info = {
    format: 1,
    species: 'human',
    release: facts.release,
    annotations: facts.annotationDate,
    terms: terms.length,
    genes: genes.length,
    annotatedGenes: genes.filter((gene) => gene.annotations.size > 0).length,
    source: facts.source,
    licence: 'CC BY 4.0',
    attribution: `Gene Ontology, release ${facts.release}, with annotations of ${facts.annotationDate} (CC BY 4.0, doi:10.1038/75556 and doi:10.1093/genetics/iyad031)`,
  }
  const files = new Map([
    ['info.json', JSON.stringify(info, null, 2) + '\n'],
    ['terms.json.gz', pack(encodeTerms(terms, indexOf))],
    ['human.json.gz', pack(encodeGenes(genes, indexOf))],
  ])
  return { info, files }
}
