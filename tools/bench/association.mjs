// Benchmark "association": milliseconds for one latent against all genes, when the job compares 1,024 latents with 20,000 genes over
// 50,000 cells of a project (AUROC, Pearson and Spearman, reading, the map to genes and storing included); beside scanpy's Wilcoxon
// per comparison, where python3 has it. The detail says how well the job told its time left, and its memory.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from './bundle.mjs'

const repository = resolve(import.meta.dirname, '../..')
const runFile = promisify(execFile)
const shape = { cells: 50_000, genes: 20_000, latents: 1_024, on: 32, density: 0.08 }
/** The peer ranks each gene once for all groups of a call; it is timed on fewer genes, which the detail says. */
const peerShape = { genes: 1_000, groups: 20 }

export async function run() {
  const { cells, genes, latents, on } = shape
  const ours = await timeJob()
  const peer = await timePeer()
  const perComparison = ours.ms / latents
  const peerMs = peer && ((peer.seconds * 1000) / peerShape.groups) * (genes / peerShape.genes)
  return [
    {
      name: 'association',
      case: `${cells} x ${genes} x ${latents}`,
      ours: rounded(perComparison),
      peer: peerMs === null ? null : rounded(peerMs),
      peerName: peer ? `scanpy ${peer.version} rank_genes_groups wilcoxon, per group` : null,
      unit: 'ms per latent',
      detail: {
        seconds: rounded(ours.ms / 1000),
        cpuSeconds: rounded(ours.cpuMs / 1000),
        storedValues: ours.stored,
        onPerCell: on,
        peakMegabytes: Math.round(ours.peakBytes / 2 ** 20),
        timeLeftWrongPercent: rounded(100 * ours.timeLeftWrong),
        timeLeftWrongPercentMedian: rounded(100 * ours.timeLeftWrongUsually),
        ...(peer ? { peerGenes: peerShape.genes, peerGroups: peerShape.groups, peerExtrapolated: true } : {}),
      },
    },
  ]
}

async function timeJob() {
  const work = await bundle('tools/bench/association-work.mjs', 'association-work')
  const resources = process.env.LATISCOPE_RESOURCES ?? resolve(repository, 'resources')
  const folder = await mkdtemp(join(tmpdir(), 'latiscope-bench-'))
  const [file, project] = [join(folder, 'cells.h5ad'), join(folder, 'bench.latiscope')]
  const { cells, genes, latents, on, density } = shape
  try {
    await runFile(process.execPath, [join(import.meta.dirname, 'import-file.mjs'), file, ...[cells, genes, density].map(String)])
    await runFile(process.execPath, [work, 'prepare', file, project, resources, String(latents), String(on)])
    await rm(file)
    const { stdout } = await runFile(process.execPath, [work, 'run', project, resources])
    return JSON.parse(stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function timePeer() {
  try {
    await runFile('python3', ['-c', 'import scanpy'])
  } catch {
    return null
  }
  const { cells, density } = shape
  const words = [cells, peerShape.genes, peerShape.groups, density].map(String)
  const { stdout } = await runFile('python3', [join(import.meta.dirname, 'association-peer.py'), ...words])
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

function rounded(value) {
  return Math.round(value * 1000) / 1000
}
