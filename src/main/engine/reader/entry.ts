// A reader process: looks into the files the user chose and takes an import into scratch files. It has no project and keeps nothing.
import { join } from 'node:path'
import { cacheFolder, libraryFolder } from '../../base/folders'
import { openParentPort } from '../../base/parent-port'
import { refuse, settle } from '../../base/refusal'
import type { FromReader, ToReader } from '../../base/reader-protocol'
import { onPulse, prepareReading } from '../import'
import { bundledGenes, type GeneCatalogue } from '../ontology'
import { OntologyLibrary } from '../ontology/library'
import { performTask } from './perform'
import type { ReaderTask } from './tasks'

const port = openParentPort()
const send = (message: FromReader): void => port.post(message)
const betweenSignsMs = 1_000
/** Built beside this entry. */
const sorterThread = join(import.meta.dirname, 'sorter.js')
const mapThread = join(import.meta.dirname, 'map-fit.js')
let cancelled = false
let loaded: GeneCatalogue | null = null

/** One for each task: it keeps what it has read, and sees what was installed since the task before. */
let library = openLibrary()
function openLibrary(): OntologyLibrary {
  return new OntologyLibrary(join(libraryFolder(), 'ontologies'), join(cacheFolder(), 'term-sets'), () => false)
}

function catalogue(): GeneCatalogue {
  loaded ??= bundledGenes(join(process.env['LATISCOPE_RESOURCES'] ?? '', 'ontology'), (species) => library.proteinsOf(species))
  return loaded
}

port.onMessage((raw) => {
  const message = raw as ToReader
  if (message.t === 'cancel') cancelled = true
  else if (message.t === 'task') void perform(message.task as ReaderTask)
  else void prepare()
})
port.onClosed(() => process.exit(0))
// A Ctrl+C in the terminal reaches every process of the group; the host decides when a reader ends.
process.on('SIGINT', () => {})
onPulse(() => {
  send({ t: 'alive' })
  // Where a file is read before anything can be said of it, this is the place to stop.
  if (cancelled) refuse('CANCELLED')
})

/** What cannot be loaded is met again, and told, by the task that needs it. */
async function prepare(): Promise<void> {
  try {
    await prepareReading()
    catalogue().human.resolve('')
  } catch {
    return
  }
}

async function perform(task: ReaderTask): Promise<void> {
  cancelled = false
  library = openLibrary()
  send({ t: 'alive' })
  const signs = setInterval(() => send({ t: 'alive' }), betweenSignsMs)
  const result = await settle<unknown>(
    () => run(task),
    (bug, ref) => send({ t: 'bug', ref, stack: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug) }),
  )
  clearInterval(signs)
  send(result.ok ? { t: 'done', value: result.value } : { t: 'failed', error: result.error })
}

const run = (task: ReaderTask): Promise<unknown> =>
  performTask(task, {
    catalogue,
    proteinsOf: (species) => library.proteinsOf(species),
    hooks: {
      progress: (phase, step, of) => send({ t: 'progress', phase, step, of }),
      cancelled: () => cancelled,
      pages: (pages) => send({ t: 'pages', pages }),
      mapThread,
    },
    sorterThread,
  })
