// Adds a file to a project that has data: columns, another representation, the expression it lacks, or further rows.
// Invariants: no rows are added once a run was trained on those that are there; finished runs learn the new groups of cells.
import { dirname, join } from 'node:path'
import type { AddReport, ImportReport } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import type { AddedBeside, AdditionRequest, ReadAddition, StoredData } from '../import'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import { makeScratch, Scratch } from '../scratch/folder'
import { PageWriter } from '../scratch/paged'
import type { StoredColumn } from '../store/dataset'
import { associateMetadata } from './groups'

/** Reads an addition, in a reader process or, for a test, here. */
export type ReadsAdditions = (request: AdditionRequest, stored: StoredData, folder: string) => Promise<ReadAddition>

/** Through a reader process, which ends when the job has to stop. */
export const readerOf =
  (engine: Engine, context: JobContext): ReadsAdditions =>
  (request, stored, folder) => {
    const task = engine.readers.run(
      { kind: 'add', request, stored, folder },
      { progress: (phase, step, of) => context.progress(step, of, phase) },
    )
    context.onStop(() => task.cancel())
    if (context.stopped() !== null) task.cancel()
    return task.answer
  }

/** What is asked of an addition; how many models there are and where the project is are added here. */
export type Asked = Omit<AdditionRequest, 'models' | 'projectFolder'>

/** @param cache where scratch files go. Refuses with what the reader refuses with, DISK_FULL, or CANCELLED. */
export async function addToProject(
  project: Project,
  asked: Asked,
  read: ReadsAdditions,
  context: JobContext,
  cache: string,
): Promise<AddReport> {
  const scratch = makeScratch(cache)
  try {
    context.progress(0, 1, 'Preparing')
    const stored = await storedData(project, new Scratch(join(scratch.folder, 'stored')), context)
    const models = project.runs.list().filter((run) => modelStates.includes(run.state)).length
    const request = { ...asked, models, projectFolder: dirname(project.file) }
    const added = await read(request, stored, scratch.folder)
    context.progress(0, 1, 'storing')
    await context.breathe()
    return await (added.kind === 'rows' ? storeRows(project, added) : storeBeside(project, added, context))
  } finally {
    scratch.remove()
  }
}

const modelStates = ['done', 'training', 'interrupted']

/** Nothing else has its turn meanwhile: what others would write must not be part of this transaction. */
const atOnce = (): Promise<void> => Promise.resolve()

async function storeBeside(project: Project, added: AddedBeside, context: JobContext): Promise<AddReport> {
  const { representation } = added
  const known = project.dataset.parts.representations('').map((each) => each.key)
  const named = representation && { ...representation, key: freeName(representation.key, known) }
  const report = (before: ImportReport): ImportReport => ({
    ...before,
    dims: named?.dims ?? before.dims,
    genes: added.expression?.genes.length ?? before.genes,
    verdict: added.expression?.verdict ?? before.verdict,
    countsFrom: added.depth?.from ?? before.countsFrom,
    problems: [...before.problems, ...added.problems],
  })
  await project.dataset.add({ ...added, representation: named }, new Date(), report, atOnce)
  const columns = added.columns.map((column) => column.name)
  await extendRuns(project, columns, context)
  const now = project.dataset.get()
  return {
    kind: added.kind,
    rows: now?.rows ?? 0,
    genes: now?.report.genes ?? 0,
    columns,
    representation: named?.key ?? null,
    matched: added.matched,
    problems: [...added.problems],
  }
}

async function storeRows(project: Project, { data, matched }: Extract<ReadAddition, { kind: 'rows' }>): Promise<AddReport> {
  const store = project.dataset
  const before = store.get()
  const columns = new Set(store.columns().map((column) => column.name))
  const problems = [...(before?.report.problems ?? []), ...data.report.problems]
  const sources = [...store.parts.sources(), ...data.sources]
  await store.write({ ...data, sources, report: { ...data.report, matched, problems } }, new Date(), atOnce)
  return {
    kind: 'rows',
    rows: data.report.rows,
    genes: data.report.genes,
    columns: data.columns.map((column) => column.name).filter((name) => !columns.has(name)),
    representation: data.representation.key,
    matched,
    problems: data.report.problems,
  }
}

/** The data of a project as scratch files, for the process that reads the addition. */
async function storedData({ dataset: store }: Project, scratch: Scratch, context: JobContext): Promise<StoredData> {
  const dataset = store.get() ?? refuse('NO_DATA')
  const expression = dataset.expression === null ? null : store.storedExpression()
  let byCell = null
  if (expression) {
    const writer = new PageWriter(scratch, 'by-cell', expression.columns)
    for (const block of expression.blocks()) {
      writer.add(block)
      await context.breathe()
    }
    byCell = writer.end()
  }
  return {
    folder: scratch.folder,
    sourceName: dataset.sourceName,
    fingerprint: dataset.fingerprint,
    cellIds: scratch.writeTexts('cells', store.cellNames()),
    columns: store.columns().map((column) => ({
      name: column.name,
      role: column.role,
      colours: column.colours,
      values: valuesOf(store, column),
    })),
    representation: {
      key: dataset.representation,
      dims: dataset.dims,
      values: scratch.write('representation', store.representation()),
    },
    expression: expression &&
      byCell && {
        key: dataset.expression ?? '',
        byCell,
        change: expression.change,
        counts: expression.change === 'log1p' && dataset.verdict === 'counts' && !dataset.verdictSaid,
        factors: expression.factors && scratch.write('factors', expression.factors),
        genes: store.genes().map(({ name, symbol }) => ({ name, symbol })),
      },
  }
}

function valuesOf(store: Project['dataset'], column: StoredColumn): StoredData['columns'][number]['values'] {
  switch (column.kind) {
    case 'category':
      return { kind: 'category', levels: column.levels, codes: store.codes(column) }
    case 'number': {
      const values = Float64Array.from(store.numbers(column))
      return { kind: 'number', values, whole: values.every((value) => Number.isNaN(value) || Number.isInteger(value)) }
    }
    case 'text':
      return { kind: 'text', texts: store.texts(column) }
  }
}

/** Which new groups of cells the latents of finished runs follow. */
async function extendRuns(project: Project, columns: readonly string[], context: JobContext): Promise<void> {
  const finished = project.runs.list().filter((run) => run.state === 'done')
  for (const [at, { id }] of finished.entries()) {
    context.progress(at, finished.length, 'Relating features to the new columns')
    const links = await associateMetadata(project.dataset, project.runs.byLatent(id), () => context.breathe(), columns)
    project.runs.addMetadata(id, links)
  }
}

function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted
  for (let number = 2; taken.includes(name); number++) name = `${wanted} (${number})`
  return name
}
