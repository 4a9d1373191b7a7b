// Benchmark "enrichment": milliseconds for 512 and 10,000 gene lists × all BP terms of the built-in ontology, from lists to kept
// terms with both q values; beside scipy with memoised p values, gseapy and goatools where python3 has them.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from './bundle.mjs'

const repository = resolve(import.meta.dirname, '../..')
const runFile = promisify(execFile)
const cases = [512, 10_000]
/** Peers are timed on at most this many lists; longer cases are extrapolated, which the detail says. */
const peerLists = 512

/** One row per case. `peer` is the fastest honest baseline: scipy with each different p worked out once, then BH per list. */
export async function run() {
  const work = await bundle('tools/bench/enrichment-work.mjs', 'enrichment-work')
  const resources = process.env.LATISCOPE_RESOURCES ?? resolve(repository, 'resources')
  const ontology = join(resources, 'ontology')
  const { stdout } = await runFile(process.execPath, [work, ontology, ...cases.map(String)])
  const ours = JSON.parse(stdout)
  const peers = await timePeers(work, ontology)
  return ours.rows.map((measured) => row(measured, ours, peers))
}

function row({ lists, ms, cpuMs, kept }, { terms, background }, peers) {
  const perList = (name) => (peers[name] ? (peers[name].seconds * 1000) / peers[name].lists : null)
  const scipy = perList('scipy')
  const others = ['gseapy', 'goatools'].flatMap((name) => {
    const msPerList = perList(name)
    if (msPerList === null) return []
    return [
      [`${name}MsPerList`, rounded(msPerList)],
      [`${name}Ratio`, rounded(msPerList / (ms / lists))],
    ]
  })
  return {
    name: 'enrichment',
    case: String(lists),
    ours: rounded(ms),
    peer: scipy === null ? null : rounded(scipy * lists),
    peerName: scipy === null ? null : 'scipy hypergeom.sf, each different p once, BH per list',
    unit: 'ms',
    detail: {
      terms,
      background,
      msPerList: rounded(ms / lists),
      cpuMs: rounded(cpuMs),
      keptTerms: kept,
      ...(scipy === null ? {} : { peerExtrapolated: lists > peerLists }),
      ...Object.fromEntries(others),
    },
  }
}

async function timePeers(work, ontology) {
  if (!(await canImport('scipy')) && !(await canImport('gseapy')) && !(await canImport('goatools'))) return {}
  const folder = await mkdtemp(join(tmpdir(), 'latiscope-bench-'))
  try {
    const task = join(folder, 'task.json')
    await runFile(process.execPath, [work, ontology, '--write', task, String(peerLists)])
    const { stdout, stderr } = await runFile('python3', [join(import.meta.dirname, 'enrichment-peers.py'), task], {
      maxBuffer: 1e8,
    })
    if (stderr) process.stderr.write(stderr)
    return JSON.parse(stdout.trim().split('\n').at(-1))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function canImport(name) {
  try {
    await runFile('python3', ['-c', `import ${name}`])
    return true
  } catch {
    return false
  }
}

function rounded(value) {
  return Math.round(value * 1000) / 1000
}
