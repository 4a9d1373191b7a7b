// One import from request to stored data: a reader takes the file into scratch files, the project takes them over in one transaction,
// the pages of the expression while the reader is still at work.
// Invariant: whatever happens, the project holds all of it or nothing, and the scratch files are removed.
import { dirname } from 'node:path'
import { appError, type ImportReport } from '@contract'
import { Refusal } from '../../base/refusal'
import type { Engine } from '../engine'
import type { ExpressionPages, ImportedData, ImportRequest } from '../import'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { makeScratch } from '../scratch/folder'
import type { IncomingData } from '../store/incoming-data'

/** Lets others have a turn after this many bytes written. */
const bytesBetweenBreaths = 8 * 1024 * 1024

/** Refuses with what the reader refuses with, DISK_FULL, or CANCELLED; answers what was imported. */
export async function importFile(
  engine: Engine,
  project: Project,
  request: ImportRequest,
  geneTable: string | null,
  context: JobContext,
): Promise<ImportReport> {
  const scratch = makeScratch(engine.folders.cache)
  const incoming = project.dataset.incoming(scratch.folder)
  let failed: { readonly thrown: unknown } | null = null
  const take = (pages: ExpressionPages): void => {
    try {
      incoming.take(pages)
    } catch (thrown) {
      failed ??= { thrown }
      task.cancel()
    }
  }
  const task = engine.readers.run(
    { kind: 'import', request: { ...request, projectFolder: dirname(project.file) }, folder: scratch.folder, geneTable },
    { progress: (phase, step, of) => context.progress(step, of, phase), pages: take },
  )
  try {
    context.onStop(() => task.cancel())
    // A stop that came before the listener was there.
    if (context.stopped() !== null) task.cancel()
    const imported = await task.answer
    if (context.cancelled()) throw new Refusal(appError('CANCELLED'))
    await store(incoming, imported, context)
    return imported.report
  } catch (thrown) {
    // A reader that was stopped because nothing could be stored is no wish of the user's.
    throw (failed as { readonly thrown: unknown } | null)?.thrown ?? thrown
  } finally {
    incoming.abandon()
    scratch.remove()
  }
}

async function store(incoming: IncomingData, imported: ImportedData, context: JobContext): Promise<void> {
  const total = bytesOf(imported) - incoming.taken
  let done = 0
  let since = 0
  context.progress(0, total, 'storing')
  await context.breathe()
  await incoming.finish(imported, new Date(), async (bytes) => {
    done += bytes
    since += bytes
    if (since < bytesBetweenBreaths) return
    since = 0
    context.progress(Math.min(done, total), total, 'storing')
    await context.breathe()
  })
}

/** About how much will be written, for progress. */
function bytesOf({ representation, expression }: ImportedData): number {
  const paged = expression ? [...expression.byCell.pages.bytes, ...expression.byGene.pages.bytes] : []
  return representation.values.length * 4 + paged.reduce((sum, bytes) => sum + bytes, 0)
}
