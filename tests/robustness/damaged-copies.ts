// Damaged copies of small files of every format, and what must hold for each: looking and importing, in a reader process as in the
// app, end within ten seconds in a result or in a refusal of the closed list, and a project is changed only by an import that succeeds.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { errorCodes, type ImportChoice } from '@contract'
import { Refusal } from '../../src/main/base/refusal'
import type { SeededRandom } from '../../src/main/base/random'
import type { FilesBeside } from '../../src/main/engine/import'
import { createProject, openProject } from '../../src/main/engine/project/project'
import { formatFile } from '../engine/fixtures/formats'
import { shared } from '../shared-folder'
import { damaged } from './damaging'
import { WarmReader } from './warm-reader'
import * as h5ad from '../engine/fixtures/h5ad'

/** A data set of one file, or of several in a folder; `open` is what the user chooses, '' for the folder. */
export interface Sample {
  readonly name: string
  /** What is counted together in the report. */
  readonly format: string
  readonly files: ReadonlyMap<string, Buffer>
  readonly open: string
}

const longest = 10_000
const alone: FilesBeside = { metadata: null, ids: null, expression: null, byPosition: false }
/** No map is computed: that is work with progress, whatever the file holds. */
const choice: ImportChoice = {
  map: 'none',
  representation: null,
  expression: null,
  roles: {},
  dropMissing: true,
  renameDuplicates: true,
}

const formatOf = (name: string): string => /[^.]+(?:\.(?:gz|zip))?$/.exec(name.replace(/^.*?\./, '.'))?.[0] ?? name
const oneFile = (name: string, bytes: Buffer): Sample => ({
  name,
  format: formatOf(name),
  files: new Map([[name, bytes]]),
  open: name,
})

/** One small file of every format; `folder` is used for the time of the call. */
export async function sampleFiles(folder: string): Promise<Sample[]> {
  const hdf5 = [
    await h5ad.currentFile(folder),
    await h5ad.referenceFile(folder),
    await h5ad.compoundFile(folder),
    await h5ad.written(folder, 'matrix.h5', (file) => {
      const group = h5ad.sparse(file, 'matrix', h5ad.counts)
      group.create_dataset({ name: 'barcodes', data: h5ad.cellNames })
      const features = group.create_group('features')
      for (const name of ['id', 'name']) features.create_dataset({ name, data: [...h5ad.geneNames] })
    }),
    await h5ad.written(folder, 'cells.loom', (file) => {
      file.create_dataset({ name: 'matrix', data: Float32Array.from(h5ad.counts), shape: [4, 10] })
      file.create_group('row_attrs').create_dataset({ name: 'Gene', data: [...h5ad.geneNames] })
      const cells = file.create_group('col_attrs')
      cells.create_dataset({ name: 'CellID', data: h5ad.cellNames })
      cells.create_dataset({ name: 'X_pca', data: h5ad.embedding, shape: [10, h5ad.dims] })
    }),
  ]
  const formats = readdirSync(dirname(formatFile('x'))).filter((name) => !/\.(?:ts|py|md)$/.test(name))
  return [
    ...hdf5.map((path) => oneFile(path.slice(folder.length + 1), readFileSync(path))),
    ...formats.map((name) => oneFile(name, readFileSync(formatFile(name)))),
    ...['v2.zarr.zip', 'v3.zarr.zip'].map(unpackedZarr),
    ...writtenByHand(),
  ]
}

function unpackedZarr(archive: string): Sample {
  const files = Object.entries(unzipSync(readFileSync(formatFile(archive))))
  const path = (name: string): string => name.replace(/^data\.zarr\//, '')
  return {
    name: archive.replace('.zip', ' folder'),
    format: 'zarr folder',
    files: new Map(files.map(([name, bytes]) => [path(name), Buffer.from(bytes)])),
    open: '',
  }
}

/** Text, NumPy and 10x files. */
function writtenByHand(): Sample[] {
  const rows = h5ad.cellNames.map((name, cell) => [name, ...h5ad.embedding.subarray(cell * 16, cell * 16 + 16), `d${cell % 2}`])
  const csv = [['cell', ...Array.from({ length: 16 }, (_, at) => `PC_${at + 1}`), 'donor'], ...rows]
    .map((row) => row.join(','))
    .join('\n')
  const quoted = `cell\tcell type\tnote\n${h5ad.cellNames.map((name) => `${name}\t"T, CD4"\t"a\n""b"""`).join('\n')}\n`
  const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 16), }"
  const header = Buffer.from(`${head.padEnd(117)}\n`)
  const length = Buffer.from([header.length, 0])
  const npy = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, header, Buffer.from(h5ad.embedding.buffer)])
  const entries = h5ad.counts.flatMap((count, at) => (count > 0 ? [`${(at % 4) + 1} ${Math.floor(at / 4) + 1} ${count}`] : []))
  const market = `%%MatrixMarket matrix coordinate integer general\n4 10 ${entries.length}\n${entries.join('\n')}\n`
  const tenx = new Map([
    ['matrix.mtx', Buffer.from(market)],
    ['features.tsv', Buffer.from(h5ad.geneNames.map((name, at) => `ENSG${at}\t${name}\tGene Expression\n`).join(''))],
    ['barcodes.tsv', Buffer.from(`${h5ad.cellNames.join('\n')}\n`)],
  ])
  return [
    oneFile('embedding.csv', Buffer.from(csv)),
    oneFile('embedding.csv.gz', gzipSync(csv)),
    oneFile('metadata.tsv', Buffer.from(quoted)),
    oneFile('utf16.tsv', Buffer.from(`\ufeff${quoted}`, 'utf16le')),
    oneFile('embedding.npy', npy),
    { name: '10x folder', format: '10x folder', files: tenx, open: '' },
    { name: '10x matrix', format: '10x folder', files: tenx, open: 'matrix.mtx' },
  ]
}

const largestReal = 320_000
/** Ontologies and gene sets are no data of cells. */
const otherKinds = /\.(?:obo|gaf|gmt|md)$/

/** The small files and folders of the reference data, each with a part of its own name; none without them. */
export function referenceFiles(): Sample[] {
  if (shared === null) return []
  const data = join(shared, 'data')
  return ['h5ad', 'h5mu', 'embeddings', 'tables', 'simulation', 'tenx', 'ugly'].flatMap((folder) =>
    readdirSync(join(data, folder), { withFileTypes: true }).flatMap((entry): Sample[] => {
      const path = join(data, folder, entry.name)
      if (entry.isDirectory()) {
        const files = readdirSync(path).map((name): [string, Buffer] => [name, readFileSync(join(path, name))])
        return [{ name: `${folder}/${entry.name}`, format: '10x folder', files: new Map(files), open: '' }]
      }
      const { size } = statSync(path)
      if (size === 0 || size > largestReal || otherKinds.test(entry.name)) return []
      return [oneFile(entry.name, readFileSync(path))]
    }),
  )
}

interface Outcome {
  readonly accepted: number
  readonly refused: number
  readonly codes: ReadonlySet<string>
  /** Copies of each format, and how many of them were accepted. */
  readonly formats: ReadonlyMap<string, { copies: number; accepted: number }>
  readonly slowestMs: number
  /** Readers that crashed or were ended because they were stuck; each was a refusal. */
  readonly readersLost: number
  /** Copies that broke a rule, and how; must be empty. */
  readonly failures: readonly string[]
}

/** Checks `copies` damaged copies, the samples in turn. */
export async function checkDamagedCopies(
  folder: string,
  copies: number,
  random: SeededRandom,
  given: readonly Sample[] | null = null,
): Promise<Outcome> {
  const samples = given ?? (await sampleFiles(folder))
  const project = join(folder, 'untouched.latiscope')
  createProject(project, 'untouched', '0').close()
  const before = sha256(project)
  let accepted = 0
  const reader = new WarmReader()
  const wanted = await wantedOf(reader, samples, join(folder, 'whole'))
  let slowestMs = 0
  const codes = new Set<string>()
  const formats = new Map<string, { copies: number; accepted: number }>()
  const failures: string[] = []
  for (let copy = 0; copy < copies; copy++) {
    const sample = samples[copy % samples.length] as Sample
    const path = writtenCopy(join(folder, `copy-${copy}`), sample, random)
    const what = `copy ${copy}, ${sample.name}`
    const looked = await timed(reader.ask({ kind: 'inspect', path, beside: alone }))
    const imported = await timed(
      importInto(reader, project, path, join(folder, 'imported.latiscope'), wanted.get(sample) ?? null),
    )
    for (const { outcome, took } of [looked, imported]) {
      codes.add(outcome)
      if (outcome === 'INTERNAL' || !['accepted', ...errorCodes].includes(outcome)) failures.push(`${what}: ${outcome}`)
      if (took > longest) failures.push(`${what}: took ${Math.round(took)} ms`)
      slowestMs = Math.max(slowestMs, took)
    }
    if (sha256(project) !== before) failures.push(`${what}: the project has changed`)
    const counts = formats.get(sample.format) ?? { copies: 0, accepted: 0 }
    formats.set(sample.format, counts)
    counts.copies++
    if (imported.outcome === 'accepted') {
      counts.accepted++
      accepted++
    }
    rmSync(join(folder, `copy-${copy}`), { recursive: true, force: true })
  }
  reader.stop()
  return { accepted, refused: copies - accepted, codes, formats, slowestMs, readersLost: reader.lost, failures }
}

/** What to import of each sample: null for what is suggested, the matrix itself where nothing is, so that it is read to its end. */
async function wantedOf(reader: WarmReader, samples: readonly Sample[], folder: string): Promise<Map<Sample, string>> {
  const wanted = new Map<Sample, string>()
  for (const sample of samples) {
    const look = reader.ask({ kind: 'inspect', path: writtenCopy(folder, sample, null), beside: alone })
    const { representations } = await look.catch(() => ({ representations: [] }))
    const matrix = representations.find(({ usable }) => usable)
    if (matrix && !representations.some(({ suggested }) => suggested)) wanted.set(sample, matrix.key)
    rmSync(folder, { recursive: true, force: true })
  }
  return wanted
}

/** One of the files is damaged, the others stay whole; all do without random numbers. */
function writtenCopy(to: string, { files, open }: Sample, random: SeededRandom | null): string {
  const victim = random && [...files.keys()][random.below(files.size)]
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(to, name)), { recursive: true })
    writeFileSync(join(to, name), random && name === victim ? damaged(bytes, random) : bytes)
  }
  return join(to, open)
}

/** What an import does: a reader reads, and only then is anything written. The project stands beside the copy that is written. */
async function importInto(
  reader: WarmReader,
  project: string,
  path: string,
  target: string,
  representation: string | null,
): Promise<void> {
  const scratch = `${target}.scratch`
  mkdirSync(scratch)
  try {
    const data = await reader.ask({ kind: 'import', request: { path, choice: { ...choice, representation } }, folder: scratch })
    copyFileSync(project, target)
    const opened = openProject(target)
    try {
      await opened.dataset.write(data, new Date(0), () => Promise.resolve())
    } finally {
      opened.close()
      rmSync(target)
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function timed(work: Promise<unknown>): Promise<{ outcome: string; took: number }> {
  const began = performance.now()
  return { outcome: await outcomeOf(work), took: performance.now() - began }
}

/** The outcome in one line, for the log of a long run. */
export function outcomeLine({ accepted, refused, formats, slowestMs, readersLost, failures }: Outcome): string {
  const parts = [...formats].sort().map(([format, counts]) => `${format} ${counts.accepted}/${counts.copies}`)
  return `accepted ${accepted}, refused ${refused}, failures ${failures.length}, slowest ${Math.round(slowestMs)} ms, readers lost ${readersLost}; accepted by format: ${parts.join(', ')}\n`
}

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (thrown: unknown) => {
      if (thrown instanceof Refusal) return thrown.error.code
      return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    },
  )

const sha256 = (path: string): string => `${statSync(path).size} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
