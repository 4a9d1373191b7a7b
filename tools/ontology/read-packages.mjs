// Reads the GO graph and the human gene tables from GO.sqlite (GO.db) and org.Hs.eg.sqlite (org.Hs.eg.db).
// Only facts are taken: identifiers, names, relations, annotations. Table notes: docs/ontology.md.
import { DatabaseSync } from 'node:sqlite'
import { evidenceGroup } from './evidence.mjs'

const aspects = [
  ['bp', 'BP'],
  ['mf', 'MF'],
  ['cc', 'CC'],
]
const relations = new Map([
  ['isa', 'is_a'],
  ['part of', 'part_of'],
])
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** '2022-Sep12' → '2022-09-12'; other spellings are returned as they are. */
export function isoDate(text) {
  const found = /^(\d{4})-([A-Z][a-z]{2})(\d{1,2})$/.exec(text)
  if (!found) return text
  const month = String(months.indexOf(found[2]) + 1).padStart(2, '0')
  return `${found[1]}-${month}-${found[3].padStart(2, '0')}`
}

const metadata = (db) =>
  new Map(
    db
      .prepare('select name, value from metadata')
      .all()
      .map((row) => [row.name, row.value]),
  )

/** Live terms by GO id. The artificial node "all" above the three roots is no GO term and is left out. */
function readTerms(db) {
  const terms = new Map()
  const idOf = new Map()
  for (const row of db.prepare("select _id, go_id, term, ontology from go_term where go_id <> 'all'").all()) {
    terms.set(row.go_id, { id: row.go_id, name: row.term, aspect: row.ontology, parents: [] })
    idOf.set(row._id, row.go_id)
  }
  for (const [table] of aspects) {
    for (const row of db.prepare(`select _id, _parent_id, relationship_type from go_${table}_parents`).all()) {
      const relation = relations.get(row.relationship_type)
      const child = idOf.get(row._id)
      const parent = idOf.get(row._parent_id)
      if (relation && child && parent) terms.get(child).parents.push({ id: parent, relation })
    }
  }
  return terms
}

function readGenes(db) {
  const genes = new Map()
  const rows = db.prepare('select g._id, g.gene_id, i.symbol from genes g join gene_info i using (_id)').all()
  for (const row of rows)
    genes.set(row._id, { id: row.gene_id, symbol: row.symbol, aliases: [], ensembl: [], annotations: new Map() })
  for (const row of db.prepare('select _id, alias_symbol from alias').all()) genes.get(row._id)?.aliases.push(row.alias_symbol)
  for (const row of db.prepare('select _id, ensembl_id from ensembl').all()) genes.get(row._id)?.ensembl.push(row.ensembl_id)
  return genes
}

/** @param {string} goFile @param {string} orgFile */
export function readPackages(goFile, orgFile) {
  const go = new DatabaseSync(goFile, { readOnly: true })
  const org = new DatabaseSync(orgFile, { readOnly: true })
  const terms = readTerms(go)
  const genes = readGenes(org)
  const dropped = { noData: 0, unknownTerm: 0, negated: 0 }
  for (const [table] of aspects) {
    for (const row of org.prepare(`select _id, go_id, evidence from go_${table}`).all()) {
      const group = evidenceGroup(row.evidence)
      if (group === 0) dropped.noData++
      else if (!terms.has(row.go_id)) dropped.unknownTerm++
      else {
        const kept = genes.get(row._id).annotations
        kept.set(row.go_id, (kept.get(row.go_id) ?? 0) | group)
      }
    }
  }
  const goMeta = metadata(go)
  const orgMeta = metadata(org)
  return {
    release: isoDate(goMeta.get('GOSOURCEDATE')),
    annotationDate: isoDate(orgMeta.get('GOEGSOURCEDATE')),
    source: `go-basic.obo as packaged in GO.db, NCBI gene2go and Entrez Gene as packaged in org.Hs.eg.db (Ensembl ${isoDate(orgMeta.get('ENSOURCEDATE'))})`,
    terms: [...terms.values()],
    genes: [...genes.values()],
    dropped,
  }
}
