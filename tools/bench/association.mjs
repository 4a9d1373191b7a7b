// Benchmark "association": milliseconds for one latent against all genes, when 1,024 latents are compared with 20,000 genes over
// 50,000 cells (AUROC, Pearson and Spearman in one pass); beside scanpy's Wilcoxon per comparison, where python3 has it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from './bundle.mjs'

const runFile = promisify(execFile)
const shape = { cells: 50_000, genes: 20_000, latents: 1_024, on: 32, density: 0.08 }
/** The peer ranks each gene once for all groups of a call; it is timed on fewer genes, which the detail says. */
const peerShape = { genes: 1_000, groups: 20 }

export async function run() {
  const work = await bundle('tools/bench/association-work.mjs', 'association-work')
  const { cells, genes, latents, on, density } = shape
  const { stdout } = await runFile(process.execPath, [work, ...[cells, genes, latents, on, density].map(String)])
  const ours = JSON.parse(stdout)
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
        ...(peer ? { peerGenes: peerShape.genes, peerGroups: peerShape.groups, peerExtrapolated: true } : {}),
      },
    },
  ]
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
