// Opening, closing and describing projects; looking into files and importing them.
import { basename } from 'node:path'
import type { FilesBeside as FileTokensBeside, ProjectSummary } from '@contract'
import { refuse } from '../../base/refusal'
import { importFile } from '../analysis/importing'
import type { FilesBeside } from '../import'
import { createProject, openProject } from '../project/project'
import { detectionFloor } from '../../science/study-list'
import type { Engine } from '../engine'
import type { HandlersFor } from './handlers'

export const projectHandlers: HandlersFor<
  'project.create' | 'project.open' | 'project.close' | 'project.summary' | 'ontology.info' | 'source.inspect' | 'import.start'
> = {
  'project.create': async ({ file, name }, engine) => {
    const path = engine.path(file, 'project')
    await engine.closeProject()
    engine.useProject(createProject(path, name, engine.appVersion, engine.resumeStep))
    return summarise(engine)
  },
  'project.open': async ({ file }, engine) => {
    const path = engine.path(file, 'project')
    await engine.closeProject()
    engine.useProject(openProject(path, engine.resumeStep))
    return summarise(engine)
  },
  'project.close': async (_params, engine) => {
    await engine.closeProject()
    return {}
  },
  'project.summary': (_params, engine) => summarise(engine),
  'ontology.info': (_params, engine) => engine.ontology.info,
  'source.inspect': ({ file, beside }, engine) =>
    engine.readers.run({ kind: 'inspect', path: engine.path(file, 'data'), beside: besideOf(engine, beside) }).answer,
  'import.start': ({ file, choice, beside }, engine) => {
    const project = engine.writableProject
    const path = engine.path(file, 'data')
    if (project.dataset.get()) refuse('ALREADY_IMPORTED')
    engine.jobs.assertIdle()
    const request = { path, choice, beside: besideOf(engine, beside) }
    const job = engine.jobs.start({
      kind: 'import',
      run: null,
      work: (context) => importFile(engine, project, request, context),
    })
    return { job, run: null }
  },
}

/** The granted paths of the files beside the first one. */
function besideOf(engine: Engine, beside: FileTokensBeside | undefined): FilesBeside {
  const pathOf = (token: string | null | undefined): string | null => (token ? engine.path(token, 'data') : null)
  return {
    metadata: pathOf(beside?.metadata),
    ids: pathOf(beside?.ids),
    expression: pathOf(beside?.expression),
    byPosition: beside?.byPosition ?? false,
  }
}

function summarise(engine: Engine): ProjectSummary {
  const { project } = engine
  const dataset = project.dataset.get()
  return {
    name: project.name,
    fileName: basename(project.file),
    readOnly: project.readOnly,
    data: dataset && {
      rows: dataset.rows,
      dims: dataset.dims,
      genes: dataset.report.genes,
      ...countGenes(project.dataset.genes(), dataset.rows),
      representation: dataset.representation,
      expression: dataset.expression,
      verdict: dataset.verdict,
      sourceName: dataset.sourceName,
      map: dataset.mapName,
      columns: project.dataset.columns().map(({ name, kind, levels, colours, role }) => ({ name, kind, levels, colours, role })),
      problems: dataset.report.problems,
    },
    runs: project.runs.list(),
    ontology: engine.ontology.info,
  }
}

function countGenes(
  genes: readonly { detectedCells: number; ontologyGene: number | null }[],
  rows: number,
): { backgroundGenes: number; mappedGenes: number } {
  const floor = detectionFloor(rows)
  return {
    backgroundGenes: genes.filter((gene) => gene.detectedCells >= floor && gene.ontologyGene !== null).length,
    mappedGenes: genes.filter((gene) => gene.ontologyGene !== null).length,
  }
}
