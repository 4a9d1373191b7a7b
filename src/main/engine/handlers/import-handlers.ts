// Looking into files, importing them, adding to what was imported, and the 2-D map on request.
import type { FilesBeside as FileTokensBeside } from '@contract'
import { refuse } from '../../base/refusal'
import { addToProject, readerOf } from '../analysis/additions'
import { importFile } from '../analysis/importing'
import type { Engine } from '../engine'
import { computeMap, type FilesBeside } from '../import'
import type { JobContext } from '../jobs/jobs'
import type { HandlersFor } from './handlers'

export const importHandlers: HandlersFor<
  'source.inspect' | 'import.start' | 'import.add' | 'map.compute' | 'representation.choose'
> = {
  'source.inspect': ({ file, choice, beside, geneTable }, engine) => {
    const path = engine.path(file, 'data')
    const table = pathOf(engine, geneTable)
    const task = { kind: 'inspect', path, beside: besideOf(engine, beside), choice, geneTable: table } as const
    return engine.readers.run(task).answer
  },
  'import.start': ({ file, choice, beside, geneTable }, engine) => {
    const project = engine.writableProject
    const path = engine.path(file, 'data')
    if (project.dataset.get()) refuse('ALREADY_IMPORTED')
    engine.jobs.assertIdle()
    const request = { path, choice, beside: besideOf(engine, beside) }
    const table = pathOf(engine, geneTable)
    const work = (context: JobContext): Promise<unknown> => importFile(engine, project, request, table, context)
    return { job: engine.jobs.start({ kind: 'import', run: null, work }), run: null }
  },
  'import.add': ({ file, kind, choice, ids, byPosition, geneTable, genePositions }, engine) => {
    const project = engine.writableProject
    const path = engine.path(file, 'data')
    const positions = pathOf(engine, genePositions)
    const asked = { path, kind, choice, ids: pathOf(engine, ids), byPosition, genePositions: positions }
    const table = pathOf(engine, geneTable)
    if (!project.dataset.get()) refuse('NO_DATA')
    engine.jobs.assertIdle()
    const work = (context: JobContext): Promise<unknown> =>
      addToProject(project, asked, readerOf(engine, context, table), context, engine.folders.cache)
    return { job: engine.jobs.start({ kind: 'import', run: null, work }), run: null }
  },
  'map.compute': ({ kind }, engine) => {
    const project = engine.writableProject
    const { rows, dims, representation } = engine.dataset
    const work = async (context: JobContext): Promise<unknown> => {
      const read = (start: number, stop: number): Float32Array =>
        project.dataset.parts.representation(representation, start * dims, stop * dims)
      const breathe = async (share: number, phase: string): Promise<void> => {
        context.progress(Math.floor(share * steps), steps, phase)
        await context.breathe()
      }
      const { mapThread = null } = engine.folders
      const map = await computeMap(kind, { count: rows, dims, read }, representation, breathe, { thread: mapThread })
      project.dataset.writeMap(map.name, map.xy)
      return { name: map.name }
    }
    return { job: engine.jobs.start({ kind: 'map', run: null, work }), run: null }
  },
  'representation.choose': ({ key }, engine) => {
    const { parts } = engine.writableProject.dataset
    engine.jobs.assertIdle()
    if (!parts.activate(key)) {
      const known = parts.representations(engine.dataset.representation).map((each) => each.key)
      refuse('CHOICE_UNKNOWN', { what: 'representation', key, known: known.join(', ') })
    }
    engine.emit('project.changed', {})
    return {}
  },
}

const steps = 1000

const pathOf = (engine: Engine, token: string | null | undefined): string | null => (token ? engine.path(token, 'data') : null)

/** The granted paths of the files beside the first one. */
function besideOf(engine: Engine, beside: FileTokensBeside | undefined): FilesBeside {
  return {
    metadata: pathOf(engine, beside?.metadata),
    ids: pathOf(engine, beside?.ids),
    expression: pathOf(engine, beside?.expression),
    byPosition: beside?.byPosition ?? false,
    more: (beside?.more ?? []).map((token) => engine.path(token, 'data')),
    genePositions: pathOf(engine, beside?.genePositions),
  }
}
