// Looking into files, importing them, adding to what was imported, and the 2-D map on request.
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FilesBeside as FileTokensBeside } from '@contract'
import { appError } from '@contract'
import { Refusal, refuse } from '../../base/refusal'
import { addToProject } from '../analysis/additions'
import type { Engine } from '../engine'
import { computeMap, inspectFile, readForImport, sized, withMap, type FilesBeside, type ImportHooks } from '../import'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { HandlersFor } from './handlers'

export const importHandlers: HandlersFor<
  'source.inspect' | 'import.start' | 'import.add' | 'map.compute' | 'representation.choose'
> = {
  'source.inspect': ({ file, choice, beside }, engine) =>
    inspectFile(engine.path(file, 'data'), engine.ontology.genes, besideOf(engine, beside), choice),
  'import.start': ({ file, choice, beside }, engine) => {
    const project = engine.writableProject
    const path = engine.path(file, 'data')
    const files = besideOf(engine, beside)
    if (project.dataset.get()) refuse('ALREADY_IMPORTED')
    const job = engine.jobs.start('import', async (context) => {
      const hooks = hooksOf(context, project)
      const read = await readForImport(path, choice, engine.ontology.genes, hooks, files)
      const imported = await withMap(read, choice, hooks)
      context.progress(0, 1, 'storing')
      await context.breathe()
      project.dataset.write(imported, new Date())
      return imported.report
    })
    return { job, run: null }
  },
  'import.add': ({ file, kind, choice, ids, byPosition }, engine) => {
    const project = engine.writableProject
    const request = {
      path: engine.path(file, 'data'),
      kind,
      choice,
      ids: ids === null ? null : engine.path(ids, 'data'),
      byPosition,
    }
    if (!project.dataset.get()) refuse('NO_DATA')
    const job = engine.jobs.start('import', (context) =>
      addToProject(project, request, engine.ontology.genes, context, hooksOf(context, project)),
    )
    return { job, run: null }
  },
  'map.compute': ({ kind }, engine) => {
    const project = engine.writableProject
    const { rows, dims, representation } = engine.dataset
    const job = engine.jobs.start('map', async (context) => {
      const read = (start: number, stop: number): Float32Array =>
        project.dataset.parts.representation(representation, start * dims, stop * dims)
      const map = await computeMap(kind, { count: rows, dims, read }, representation, async (share, phase) => {
        context.progress(Math.floor(share * steps), steps, phase)
        await context.breathe()
      })
      project.dataset.writeMap(map.name, map.xy)
      return { name: map.name }
    })
    return { job, run: null }
  },
  'representation.choose': ({ key }, engine) => {
    const { parts } = engine.writableProject.dataset
    if (!parts.activate(key)) {
      const known = parts.representations(engine.dataset.representation).map((each) => each.key)
      refuse('CHOICE_UNKNOWN', { what: 'representation', key, known: known.join(', ') })
    }
    engine.emit('project.changed', {})
    return {}
  },
}

const steps = 1000

function hooksOf(context: JobContext, project: Project): ImportHooks {
  return {
    progress: (phase, step, of) => context.progress(step, of, phase),
    cancelled: () => context.cancelled(),
    room: async (bytes) => {
      if (context.cancelled()) throw new Refusal(appError('CANCELLED'))
      const facts = await statfs(dirname(project.file)).catch(() => null)
      const free = facts ? facts.bavail * facts.bsize : Infinity
      if (bytes > free) refuse('NOT_ENOUGH_DISK', { needed: sized(bytes), free: sized(free) })
    },
  }
}

/** The granted paths of the files beside the first one. */
function besideOf(engine: Engine, beside: FileTokensBeside | undefined): FilesBeside {
  const pathOf = (token: string | null | undefined): string | null => (token ? engine.path(token, 'data') : null)
  return {
    metadata: pathOf(beside?.metadata),
    ids: pathOf(beside?.ids),
    expression: pathOf(beside?.expression),
    byPosition: beside?.byPosition ?? false,
    more: (beside?.more ?? []).map((token) => engine.path(token, 'data')),
  }
}
