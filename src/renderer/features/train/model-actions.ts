// Work with models that is more than a run: repeats, controls, searches, other cells, models of other tools. Each starts a
// job and lists it; failures are reported like those of any job.
import type { ApplyReport, Granted, ModelImportReport, Result, SearchReport, TrainRequest } from '@contract'
import { engine, shell } from '../../bridge/client'
import type { JobKind } from '../../bridge/jobs'
import { useProjectStore } from '../../bridge/project-store'
import { stabilityText } from '../../text/stability'

/** Lists the job; answers its id, or null after reporting why there is none. */
function started(kind: JobKind, run: number | null, answer: Result<{ readonly job: string }>): string | null {
  const project = useProjectStore()
  if (!answer.ok) {
    project.report(answer.error)
    return null
  }
  project.track(answer.value.job, kind, run)
  return answer.value.job
}

/** The job's result; null when it failed, which is reported elsewhere. */
async function resultOf(job: string | null): Promise<unknown> {
  if (job === null) return null
  const outcome = await useProjectStore().outcome(job)
  return outcome.ok ? outcome.value : null
}

/** `seeds`: of all, the run's own included. */
export async function repeatRun(run: number, seeds: number, consensus: boolean): Promise<void> {
  started('seeds', run, await engine('seeds.start', { run, seeds, consensus }))
}

export async function addControls(run: number): Promise<void> {
  started('controls', run, await engine('controls.start', { run, wanted: ['ica', 'nmf'] }))
}

export async function searchSettings(what: 'k' | 'size', settings: TrainRequest): Promise<SearchReport | null> {
  return (await resultOf(started('search', null, await engine('search.start', { what, settings })))) as SearchReport | null
}

/** Asks for a file of cells, and where to write when activations are wanted; null when the user changed their mind. */
export async function applyToFile(run: number, writes: boolean): Promise<ApplyReport | null> {
  const file = await chosen(shell('files.chooseData', {}))
  if (!file) return null
  const out = writes ? await chosen(shell('files.chooseExport', { suggestedName: stabilityText.apply.file(run) })) : null
  if (writes && !out) return null
  const request = { run, file: file.token, representation: null, out: out?.token ?? null }
  return (await resultOf(started('apply', run, await engine('apply.start', request)))) as ApplyReport | null
}

/** Asks for the folder or file of a model and brings it in. */
export async function importModel(what: 'folder' | 'file'): Promise<ModelImportReport | null> {
  const file = await chosen(shell('files.chooseModel', { what }))
  if (!file) return null
  const job = started('model', null, await engine('model.import', { file: file.token, format: null }))
  const report = (await resultOf(job)) as ModelImportReport | null
  if (report) await useProjectStore().refresh()
  return report
}

async function chosen(asked: Promise<Result<Granted | null>>): Promise<Granted | null> {
  const answer = await asked
  if (answer.ok) return answer.value
  useProjectStore().report(answer.error)
  return null
}
