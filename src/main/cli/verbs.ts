// What each verb does: requests to the engine, and the document it answers with (shapes: docs/command-line.md).
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { ExportKind, type LatentRow } from '@contract'
import { version } from '../../../package.json'
import { refuse } from '../base/refusal'
import type { Answer, VerbAction } from './answer'
import type { Command, Verb } from './arguments'
import { aspectOf, granted, oneOf, text, whole, word } from './options'
import type { Session } from './session'
import { findAction } from './verbs/find'
import { importFiles, inspect } from './verbs/import'
import { associateAction, linkAction, presets } from './verbs/link'
import { ontology } from './verbs/ontology'
import { setSource } from './verbs/term-options'
import { exchangeActions } from './verbs/exchange'
import { stabilityActions } from './verbs/stability'
import { train } from './verbs/train'

export const actions: Record<Verb, VerbAction> = {
  doctor: async (session) => {
    const versions = await session.versions()
    const backend = await session.probeBackend()
    const { release, annotations, terms, genes, outdated } = await session.call('ontology.info', {})
    const { name, native, version: backendVersion, threads, problem } = backend
    return {
      version,
      node: versions.node,
      /** The Electron that set-up staged beside this command line, or null on an installation without one. */
      electron: process.env['LATISCOPE_ELECTRON_VERSION'] ?? null,
      backend: { name, native, version: backendVersion, threads, problem },
      cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', features: cpuFeatures() },
      sqlite: versions.sqlite,
      hdf5: versions.hdf5,
      ontology: { release, annotations, terms, genes, outdated },
    }
  },
  new: async (session, { words }) => {
    await session.create(word(words, 0))
    return { project: word(words, 0) }
  },
  inspect,
  import: importFiles,
  train,
  link: linkAction(ontologyNote),
  associate: associateAction,
  latents: async (session, { words, options }) => {
    await session.open(word(words, 0))
    const run = await chosenRun(session, options)
    const rows = await session.call('latents.list', { run, ...readFrom(options) })
    const sorted = rows.toSorted(orders[oneOf(options, 'sort', ['id', 'density', 'auroc', 'q'] as const) ?? 'id'])
    return {
      run,
      total: rows.length,
      latents: sorted.slice(0, whole(options, 'limit') ?? rows.length),
      ontology: await ontologyNote(session),
    }
  },
  latent: async (session, { words, options }) => {
    await session.open(word(words, 0))
    const run = await chosenRun(session, options)
    const latent = whole(options, 'id') ?? refuse('USAGE', { what: 'latent needs --id.' })
    const card = await session.call('latents.card', { run, latent, ...readFrom(options) })
    const batch = text(options, 'batch')
    const association = await session.call('latents.association', { run, latent, ...(batch === null ? {} : { batch }) })
    return { ...card, association, ontology: await ontologyNote(session) }
  },
  find: findAction,
  enrich: async (session, { options }) => {
    const file = (name: string): string | null => granted(session, options, name)
    const request = {
      genes: file('genes') ?? refuse('USAGE', { what: 'enrich needs --genes: the gene list.' }),
      background:
        file('background') ??
        refuse('USAGE', { what: 'enrich needs --background: every gene that could have been on the list.' }),
      sets: setSource(session, options),
      preset: oneOf(options, 'preset', presets) ?? 'latiscope',
    }
    return { ...(await session.call('enrich.run', request)) }
  },
  ontology,
  export: async (session, { words, options }) => {
    await session.open(word(words, 0))
    const wanted = text(options, 'what') ?? refuse('USAGE', { what: 'export needs --what.' })
    const what = ExportKind.options.find((kind) => kind === wanted)
    if (!what) refuse('NOT_AVAILABLE', { what: `Exporting ${wanted}` })
    const out = text(options, 'out') ?? refuse('USAGE', { what: 'export needs --out.' })
    return {
      ...(await session.call('export.table', {
        run: whole(options, 'run'),
        what,
        file: session.grant(out, 'export'),
        latent: whole(options, 'id'),
        linking: whole(options, 'linking'),
      })),
    }
  },
  ...stabilityActions,
  ...exchangeActions,
}

/** Which stored result of linking is read. */
const readFrom = (options: Command['options']) => ({
  aspect: aspectOf(options) ?? 'BP',
  linking: whole(options, 'linking'),
})

/** Which release terms come from: said wherever terms are. */
async function ontologyNote(session: Session): Promise<Answer> {
  const { release, annotations, outdated } = await session.call('ontology.info', {})
  return { release, annotations, outdated }
}

const orders: Record<string, (a: LatentRow, b: LatentRow) => number> = {
  id: (a, b) => a.id - b.id,
  density: (a, b) => b.density - a.density,
  auroc: (a, b) => (b.topGroup?.auroc ?? 0) - (a.topGroup?.auroc ?? 0),
  q: (a, b) => (a.topTerm?.qOverall ?? 2) - (b.topTerm?.qOverall ?? 2),
}

async function chosenRun(session: Session, options: Command['options']): Promise<number> {
  const asked = whole(options, 'run')
  if (asked !== null) return asked
  const runs = await session.call('run.list', {})
  const latest = runs.find((run) => run.state === 'done' && run.source?.kind !== 'repeat')
  return latest?.id ?? refuse('RUN_NOT_FOUND', { run: 'that is finished' })
}

/** Vector instructions of this processor, where the system tells (Linux). */
function cpuFeatures(): string[] {
  if (!existsSync('/proc/cpuinfo')) return []
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '))
  return ['sse4_1', 'sse4_2', 'avx', 'avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_tile', 'asimd', 'sve'].filter((feature) =>
    flags.has(feature),
  )
}
