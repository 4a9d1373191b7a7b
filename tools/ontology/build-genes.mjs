// Builds the gene tables of resources/ontology beside human.json.gz (which must be there already). Run with Node 24:
//   node tools/ontology/build-genes.mjs --human gencode_homo_sapiens.csv.gz --mouse gencode_mus_musculus.csv.gz \
//        --orthologs human_mouse_orthologs.csv.gz [--human-release "GENCODE 48"] [--mouse-release "GENCODE M37"] [--out FOLDER]
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { pack } from './encode.mjs'
import { encodeGeneTable } from './encode-genes.mjs'
import { linkToEntrez } from './link-entrez.mjs'
import { oneToOnePairs } from './orthologs.mjs'

const options = {
  human: { type: 'string' },
  mouse: { type: 'string' },
  orthologs: { type: 'string' },
  'human-release': { type: 'string', default: 'GENCODE 48' },
  'mouse-release': { type: 'string', default: 'GENCODE M37' },
  'ortholog-release': { type: 'string', default: 'Ensembl 105' },
  out: { type: 'string' },
}
const { values } = parseArgs({ options })
if (!values.human || !values.mouse || !values.orthologs) throw new Error('Give --human, --mouse and --orthologs.')
const folder = values.out ?? resolve(import.meta.dirname, '../../resources/ontology')

/** Lines of id, symbol, version, length, biotype, without a heading; ascending by id. */
function readGencode(file) {
  return readRows(file)
    .map(([id, symbol, , , biotype]) => ({ id, symbol, biotype }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function readRows(file) {
  const text = gunzipSync(readFileSync(file)).toString('utf8')
  return text
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => line.split(','))
}

/** The Entrez genes the annotations are keyed by, as the program numbers them. */
function readEntrez(bytes) {
  const stored = JSON.parse(gunzipSync(bytes).toString('utf8'))
  const ids = stored.ids.split('\n')
  const [symbols, aliases, ensembl] = [stored.symbols, stored.aliases, stored.ensembl].map((column) => column.split('\n'))
  return ids.map((id, at) => ({
    symbol: symbols[at] === '' ? `LOC${id}` : symbols[at],
    aliases: aliases[at] === '' ? [] : aliases[at].split('|'),
    ensembl: ensembl[at] === '' ? [] : ensembl[at].split('|').map((digits) => `ENSG${digits.padStart(11, '0')}`),
    isAnnotated: stored.annotationCounts[at] > 0,
  }))
}

const human = readGencode(values.human)
const mouse = readGencode(values.mouse)
const annotated = readFileSync(join(folder, 'human.json.gz'))
const entrez = readEntrez(annotated)
const base = createHash('sha256').update(annotated).digest('hex')
const links = linkToEntrez(human, entrez)
const orthologs = oneToOnePairs(readRows(values.orthologs), human, mouse, links, entrez)
const files = [
  ['genes-human.json.gz', pack(encodeGeneTable(human, 'ENSG', { rows: links, base }, values['human-release']))],
  ['genes-mouse.json.gz', pack(encodeGeneTable(mouse, 'ENSMUSG', null, values['mouse-release']))],
  ['orthologs.json.gz', pack({ release: values['ortholog-release'], human: orthologs.human, mouse: orthologs.mouse })],
]
for (const [name, content] of files) writeFileSync(join(folder, name), content)
process.stdout.write(
  JSON.stringify(
    {
      human: human.length,
      mouse: mouse.length,
      linkedToEntrez: links.filter((link) => link >= 0).length,
      orthologs: orthologs.human.length,
      orthologsLost: orthologs.lost,
      bytes: Object.fromEntries(files.map(([name, content]) => [name, content.length])),
    },
    null,
    2,
  ) + '\n',
)
