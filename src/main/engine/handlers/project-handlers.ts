// Opening, closing and describing projects; looking into files and importing them.
import { basename } from 'node:path'
import type { FilesBeside as FileTokensBeside, ProjectSummary } from '@contract'
import { appError } from '@contract'
import { Refusal, refuse } from '../../base/refusal'
import { inspectFile, readForImport, suggestions, type FilesBeside } from '../import'
import { createProject, openProject } from '../project/project'
import { detectionFloor } from '../../science/study-list'
import type { Engine } from '../engine'
import { geneNamesOf } from './gene-choice'
import type { HandlersFor } from './handlers'

export const projectHandlers: HandlersFor<
  'project.create' | 'project.open' | 'project.close' | 'project.summary' | 'source.inspect' | 'import.start'
> = {
  'project.create': ({ file, name }, engine) => {
    const path = engine.path(file, 'project')
    engine.closeProject()
    engine.useProject(createProject(path, name, engine.appVersion))
    return summarise(engine)
  },
  'project.open': ({ file }, engine) => {
    const path = engine.path(file, 'project')
    engine.closeProject()
    engine.useProject(openProject(path))
    return summarise(engine)
  },
  'project.close': (_params, engine) => {
    engine.closeProject()
    return {}
  },
  'project.summary': (_params, engine) => summarise(engine),
  'source.inspect': ({ file, choice, beside, geneTable }, engine) => {
    const names = geneNamesOf(engine, choice?.genes, geneTable)
    const asked = { ...(choice ?? suggestions), genes: names.choice }
    return inspectFile(engine.path(file, 'data'), names.resolver, besideOf(engine, beside), asked)
  },
  'import.start': ({ file, choice, beside, geneTable }, engine) => {
    const project = engine.writableProject
    const path = engine.path(file, 'data')
    const files = besideOf(engine, beside)
    if (project.dataset.get()) refuse('ALREADY_IMPORTED')
    const names = geneNamesOf(engine, choice.genes, geneTable)
    const job = engine.jobs.start('import', async (context) => {
      const hooks = {
        progress: (phase: string, step: number, of: number) => context.progress(step, of, phase),
        cancelled: () => context.cancelled(),
      }
      const imported = await readForImport(path, { ...choice, genes: names.choice }, names.resolver, hooks, files)
      if (context.cancelled()) throw new Refusal(appError('CANCELLED'))
      context.progress(0, 1, 'storing')
      await context.breathe()
      project.dataset.write(imported, new Date())
      return imported.report
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
