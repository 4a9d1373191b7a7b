// Damaged copies of small files of every format, and what must hold for each: looking and importing end within ten seconds in a
// result or in a refusal of the closed list, and a project is changed only by an import that succeeds.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { errorCodes, type ImportChoice } from '@contract'
import { Refusal } from '../../src/main/base/refusal'
import type { SeededRandom } from '../../src/main/base/random'
import { inspectFile, readForImport } from '../../src/main/engine/import'
import { createProject, openProject } from '../../src/main/engine/project/project'
import { Scratch } from '../../src/main/engine/scratch/folder'
import { fewGenes } from '../engine/fixtures/genes'
import { formatFile } from '../engine/fixtures/formats'
import * as h5ad from '../engine/fixtures/h5ad'

/** A data set of one file, or of several in a folder; `open` is what the user chooses, '' for the folder. */
interface Sample {
  readonly name: string
  readonly files: ReadonlyMap<string, Buffer>
  readonly open: string
}

const longest = 10_000
const choice: ImportChoice = {
  representation: null,
  expression: null,
  roles: {},
  dropMissing: true,
  renameDuplicates: true,
}

const oneFile = (name: string, bytes: Buffer): Sample => ({ name, files: new Map([[name, bytes]]), open: name })

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
    { name: '10x folder', files: tenx, open: '' },
    { name: '10x matrix', files: tenx, open: 'matrix.mtx' },
  ]
}

/** Flips bits and bytes, writes over, cuts off, leaves out, repeats or swaps stretches; the head and the end are hit most. */
export function damaged(content: Buffer, random: SeededRandom): Buffer {
  const copy = Buffer.from(content)
  if (copy.length < 2) return Buffer.from([random.below(256)])
  const place = (): number => {
    const near = Math.min(256, copy.length)
    const kind = random.below(4)
    return kind === 0 ? random.below(near) : kind === 1 ? copy.length - 1 - random.below(near) : random.below(copy.length)
  }
  const [start, stretch] = [place(), 1 + random.below(Math.max(2, copy.length >> 3))]
  switch (random.below(9)) {
    case 0:
      return copy.subarray(0, start)
    case 1:
      return Buffer.concat([copy.subarray(0, start), copy.subarray(start + stretch)])
    case 2:
      return Buffer.concat([copy.subarray(0, start + stretch), copy.subarray(start)])
    case 3:
      return copy.fill(random.below(2) ? 0xff : 0, start, Math.min(copy.length, start + stretch))
    case 4:
      for (let at = start; at < Math.min(copy.length, start + stretch); at++) copy[at] = random.below(256)
      return copy
    case 5:
      // A number of the header as large as it can be.
      return copy.fill(0xff, start, Math.min(copy.length, start + 2 ** random.below(4)))
    default: {
      const flips = 1 + random.below(8)
      for (let flip = 0; flip < flips; flip++) {
        const at = place()
        copy[at] = random.below(2) ? random.below(256) : (copy[at] as number) ^ (1 << random.below(8))
      }
      return copy
    }
  }
}

interface Outcome {
  readonly accepted: number
  readonly refused: number
  readonly codes: ReadonlySet<string>
  /** Copies that broke a rule, and how; must be empty. */
  readonly failures: readonly string[]
}

/** Checks `copies` damaged copies, the samples in turn. */
export async function checkDamagedCopies(folder: string, copies: number, random: SeededRandom): Promise<Outcome> {
  const samples = await sampleFiles(folder)
  const project = join(folder, 'untouched.latiscope')
  createProject(project, 'untouched', '0').close()
  const before = sha256(project)
  let accepted = 0
  const codes = new Set<string>()
  const failures: string[] = []
  for (let copy = 0; copy < copies; copy++) {
    const sample = samples[copy % samples.length] as Sample
    const path = writtenCopy(join(folder, `copy-${copy}`), sample, random)
    const what = `copy ${copy}, ${sample.name}`
    const began = performance.now()
    const looked = await outcomeOf(inspectFile(path, fewGenes))
    const imported = await outcomeOf(importInto(project, path, join(folder, 'imported.latiscope')))
    const took = performance.now() - began
    for (const outcome of [looked, imported]) {
      codes.add(outcome)
      if (outcome === 'INTERNAL' || !['accepted', ...errorCodes].includes(outcome)) failures.push(`${what}: ${outcome}`)
    }
    if (took > longest) failures.push(`${what}: took ${Math.round(took)} ms`)
    if (sha256(project) !== before) failures.push(`${what}: the project has changed`)
    if (imported === 'accepted') accepted++
    rmSync(join(folder, `copy-${copy}`), { recursive: true, force: true })
  }
  return { accepted, refused: copies - accepted, codes, failures }
}

/** One of the files is damaged, the others stay whole. */
function writtenCopy(to: string, { files, open }: Sample, random: SeededRandom): string {
  const victim = [...files.keys()][random.below(files.size)]
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(to, name)), { recursive: true })
    writeFileSync(join(to, name), name === victim ? damaged(bytes, random) : bytes)
  }
  return join(to, open)
}

/** What an import does: reads, and only then writes. The project stands beside the copy that is written. */
async function importInto(project: string, path: string, target: string): Promise<void> {
  const silent = { progress: () => undefined, cancelled: () => false }
  const scratch = new Scratch(`${target}.scratch`)
  try {
    const data = await readForImport({ path, choice }, fewGenes, silent, scratch)
    copyFileSync(project, target)
    const opened = openProject(target)
    try {
      await opened.dataset.write(data, new Date(0), () => Promise.resolve())
    } finally {
      opened.close()
      rmSync(target)
    }
  } finally {
    scratch.remove()
  }
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
