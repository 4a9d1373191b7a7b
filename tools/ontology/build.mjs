// Builds resources/ontology. Run with Node 24 (it needs node:sqlite):
//   node tools/ontology/build.mjs --go GO.sqlite --org org.Hs.eg.sqlite [--out FOLDER]
//   node tools/ontology/build.mjs --obo go-basic.obo --gaf goa_human.gaf.gz [--out FOLDER]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { encodeOntology } from './encode.mjs'
import { readText } from './read-text.mjs'

const options = {
  go: { type: 'string' },
  org: { type: 'string' },
  obo: { type: 'string' },
  gaf: { type: 'string' },
  out: { type: 'string' },
}
const { values } = parseArgs({ options })

async function readFacts() {
  if (values.obo && values.gaf) return readText(values.obo, values.gaf)
  if (!values.go || !values.org) throw new Error('Give either --obo and --gaf, or --go and --org.')
  const { readPackages } = await import('./read-packages.mjs')
  return readPackages(values.go, values.org)
}

const facts = await readFacts()
const { info, files } = encodeOntology(facts)
const folder = values.out ?? resolve(import.meta.dirname, '../../resources/ontology')
mkdirSync(folder, { recursive: true })
let bytes = 0
for (const [name, content] of files) {
  writeFileSync(join(folder, name), content)
  bytes += content.length
}
process.stdout.write(JSON.stringify({ ...info, dropped: facts.dropped, bytes }, null, 2) + '\n')
