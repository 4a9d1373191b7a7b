// Opening, closing and describing projects.
import { basename } from 'node:path'
import type { ProjectSummary } from '@contract'
import { createProject, openProject } from '../project/project'
import { detectionFloor } from '../../science/study-list'
import { speciesOf } from '../analysis/project-genes'
import type { Engine } from '../engine'
import type { HandlersFor } from './handlers'

export const projectHandlers: HandlersFor<'project.create' | 'project.open' | 'project.close' | 'project.summary'> = {
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
      rowKind: dataset.rowKind,
      mappedRows: project.dataset.parts.mappedRows(),
      species: dataset.expression === null && dataset.rowKind === 'cells' ? null : speciesOf(dataset),
      countsFrom: dataset.countsFrom,
      verdictFromValues: !dataset.verdictSaid,
      sources: project.dataset.parts.sources(),
      representations: project.dataset.parts.representations(dataset.representation),
      features: project.dataset.parts.blocks(),
      perRow: project.dataset.parts.perRow(),
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
