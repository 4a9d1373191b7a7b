// Reads go-basic.obo and a gene annotation file (GAF 2.1 or 2.2). Rules: docs/ontology.md.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { evidenceGroup } from './evidence.mjs'

const aspectOf = { biological_process: 'BP', molecular_function: 'MF', cellular_component: 'CC' }

function readLines(file) {
  const bytes = readFileSync(file)
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
  return text.replace(/^\uFEFF/, '').split(/\r?\n/)
}

/** The value of an OBO line without its trailing "! comment" and "{modifiers}", unescaped. */
function oboValue(line) {
  const raw = line.slice(line.indexOf(':') + 1).trim()
  const bare = raw.replace(/(^|\s)!.*$/, '').replace(/\s*\{[^{}]*\}\s*$/, '')
  return bare.replace(/\\([:,"\\])/g, '$1').trim()
}

/** Live terms with is_a and part_of parents. Parents that are absent, obsolete or of another aspect are dropped and counted. */
export function parseObo(lines) {
  let release = ''
  let stanza = ''
  let term = null
  const all = new Map()
  const secondary = new Map()
  for (const line of lines) {
    if (line.startsWith('[')) {
      stanza = line.trim()
      term = stanza === '[Term]' ? { id: '', name: '', aspect: null, parents: [], obsolete: false } : null
      continue
    }
    const key = line.slice(0, Math.max(0, line.indexOf(':')))
    if (stanza === '' && key === 'data-version') release = oboValue(line)
    if (!term) continue
    const value = oboValue(line)
    if (key === 'id') all.set((term.id = value), term)
    else if (key === 'name') term.name = value
    else if (key === 'namespace') term.aspect = aspectOf[value] ?? null
    else if (key === 'alt_id') secondary.set(value, term.id)
    else if (key === 'is_obsolete') term.obsolete = value === 'true'
    else if (key === 'is_a') term.parents.push({ id: value.split(/\s/)[0], relation: 'is_a' })
    else if (key === 'relationship' && value.startsWith('part_of '))
      term.parents.push({ id: value.split(/\s+/)[1], relation: 'part_of' })
  }
  const live = new Map([...all].filter(([, one]) => one.aspect && !one.obsolete && /^GO:\d{7}$/.test(one.id)))
  let lostParents = 0
  for (const one of live.values()) {
    const kept = one.parents.filter((parent) => live.get(parent.id)?.aspect === one.aspect)
    lostParents += one.parents.length - kept.length
    one.parents = kept
  }
  return { release: /\d{4}-\d{2}-\d{2}/.exec(release)?.[0] ?? release, terms: live, secondary, lostParents }
}

/** Genes with direct annotations. One gene per symbol: several proteins of one gene count once. */
export function parseGaf(lines, terms, secondary) {
  const genes = new Map()
  const dropped = { noData: 0, unknownTerm: 0, negated: 0, malformed: 0 }
  let date = ''
  for (const line of lines) {
    if (line.startsWith('!')) {
      date = /^!\s*(?:date-generated|generated):?\s*(\d{4}-\d{2}-\d{2})/i.exec(line)?.[1] ?? date
      continue
    }
    if (line.trim() === '') continue
    const cells = line.split('\t')
    const [, id, symbol, qualifier, go] = cells
    if (cells.length < 15 || !id || !go) dropped.malformed++
    else if (qualifier.split('|').some((word) => word.trim().toUpperCase() === 'NOT')) dropped.negated++
    else if (evidenceGroup(cells[6]) === 0) dropped.noData++
    else {
      const term = terms.has(go) ? go : secondary.get(go)
      if (!term || !terms.has(term)) dropped.unknownTerm++
      else {
        const name = symbol || id
        const gene = genes.get(name) ?? { id, symbol: name, aliases: [], ensembl: [], annotations: new Map() }
        genes.set(name, gene)
        gene.aliases.push(...cells[10].split('|').filter(Boolean))
        gene.annotations.set(term, (gene.annotations.get(term) ?? 0) | evidenceGroup(cells[6]))
      }
    }
  }
  return { date, genes: [...genes.values()], dropped }
}

/** @param {string} oboFile @param {string} gafFile both may be gzipped */
export function readText(oboFile, gafFile) {
  const obo = parseObo(readLines(oboFile))
  const gaf = parseGaf(readLines(gafFile), obo.terms, obo.secondary)
  return {
    release: obo.release,
    annotationDate: gaf.date,
    source: 'OBO and GAF files of the Gene Ontology Consortium',
    terms: [...obo.terms.values()],
    genes: gaf.genes,
    dropped: { ...gaf.dropped, parents: obo.lostParents },
  }
}
