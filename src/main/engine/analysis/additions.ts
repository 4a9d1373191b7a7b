// Adds a file to a project that has data: columns, another representation, the expression it lacks, or further rows.
// Invariants: no rows are added once a run was trained on those that are there; finished runs learn the new groups of cells.
import type { AddReport, ImportReport } from '@contract'
import { refuse } from '../../base/refusal'
import {
  readAddition,
  type AdditionRequest,
  type GeneResolver,
  type ImportHooks,
  type ReadAddition,
  type StoredData,
} from '../import'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { StoredColumn } from '../store/dataset'
import { associateGroups } from './groups'

export async function addToProject(
  project: Project,
  request: AdditionRequest,
  genes: GeneResolver,
  context: JobContext,
  hooks: ImportHooks,
): Promise<AddReport> {
  const stored = storedData(project)
  const added = await readAddition(request, stored, () => refuseGrowth(project), genes, hooks)
  context.progress(0, 1, 'storing')
  await context.breathe()
  if (added.kind === 'rows') return storeRows(project, added)
  const { representation } = added
  const known = project.dataset.parts.representations('').map((each) => each.key)
  const named = representation && { ...representation, key: freeName(representation.key, known) }
  const report = (before: ImportReport): ImportReport => ({
    ...before,
    dims: named?.dims ?? before.dims,
    genes: added.expression?.genes.length ?? before.genes,
    verdict: added.expression?.verdict ?? before.verdict,
    problems: [...before.problems, ...added.problems],
  })
  project.dataset.add({ ...added, representation: named, sources: [added.source], report }, new Date())
  const columns = added.columns.map((column) => column.name)
  await extendRuns(project, columns, context)
  return {
    kind: added.kind,
    rows: stored.cellIds.length,
    genes: project.dataset.get()?.report.genes ?? 0,
    columns,
    representation: named?.key ?? null,
    matched: added.matched,
    problems: [...added.problems],
  }
}

const modelStates = ['done', 'training', 'interrupted']

function refuseGrowth(project: Project): void {
  const runs = project.runs.list().filter((run) => modelStates.includes(run.state)).length
  if (runs > 0) refuse('APPEND_AFTER_RUNS', { runs: runs === 1 ? '1 model' : `${runs} models` })
}

function storedData(project: Project): StoredData {
  const store = project.dataset
  const dataset = store.get() ?? refuse('NO_DATA')
  return {
    sourceName: dataset.sourceName,
    cellIds: store.cellNames(),
    columns: store.columns().map((column) => ({
      name: column.name,
      role: column.role,
      colours: column.colours,
      values: valuesOf(project, column),
    })),
    representation: { key: dataset.representation, dims: dataset.dims, values: store.representation() },
    expression:
      dataset.expression === null ? null : { key: dataset.expression, matrix: store.expression(), genes: store.genes() },
  }
}

function valuesOf({ dataset }: Project, column: StoredColumn): StoredData['columns'][number]['values'] {
  switch (column.kind) {
    case 'category':
      return { kind: 'category', levels: column.levels, codes: dataset.codes(column) }
    case 'number': {
      const values = Float64Array.from(dataset.numbers(column))
      return { kind: 'number', values, whole: values.every((value) => Number.isNaN(value) || Number.isInteger(value)) }
    }
    case 'text':
      return { kind: 'text', texts: dataset.texts(column) }
  }
}

function storeRows(project: Project, { data, source, matched }: Extract<ReadAddition, { kind: 'rows' }>): AddReport {
  const store = project.dataset
  const before = store.get()
  const [first, ...others] = store.parts.sources()
  const columns = new Set(store.columns().map((column) => column.name))
  const report = { ...data.report, matched, problems: [...(before?.report.problems ?? []), ...data.report.problems] }
  const origin = first && { sourceName: first.name, sourceBytes: first.bytes, sourceSha256: first.sha256 }
  store.write({ ...data, ...origin, furtherSources: [...others, source], report }, new Date())
  return {
    kind: 'rows',
    rows: data.cellIds.length,
    genes: report.genes,
    columns: data.columns.map((column) => column.name).filter((name) => !columns.has(name)),
    representation: data.representation.key,
    matched,
    problems: data.report.problems,
  }
}

/** Which new groups of cells the latents of finished runs follow. */
async function extendRuns(project: Project, columns: readonly string[], context: JobContext): Promise<void> {
  const finished = project.runs.list().filter((run) => run.state === 'done')
  for (const [at, { id }] of finished.entries()) {
    context.progress(at, finished.length, 'Relating features to the new columns')
    const groups = await associateGroups(project.dataset, project.runs.byLatent(id), () => context.breathe(), columns)
    project.runs.addGroups(id, groups)
  }
}

function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted
  for (let number = 2; taken.includes(name); number++) name = `${wanted} (${number})`
  return name
}
