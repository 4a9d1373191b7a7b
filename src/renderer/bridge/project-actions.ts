// Ways into a project that several pages offer: a file, a recent project, a sample, a drop, the start arguments.
// Each reports its own failure and leaves the window where it was.
import { shallowRef } from 'vue'
import type { FilesBeside, Granted, ImportChoice, ProjectSummary, ShellParams } from '@contract'
import { engine, grantDropped, shell } from './client'
import { navigate } from './navigation'
import { useProjectStore } from './project-store'

export type SampleName = ShellParams<'sample.files'>['sample']
export const takeSuggestions: ImportChoice = {
  representation: null,
  expression: null,
  roles: {},
  dropMissing: false,
  renameDuplicates: false,
}

/** The data file under review; null when none is. The Data page shows the review while it is set. */
export const pendingSource = shallowRef<Granted | null>(null)

/** Where to go in a project just opened: to its features, to training, or to its data. */
function land(summary: ProjectSummary): void {
  if (summary.data === null) navigate('data')
  else navigate(summary.runs.some((run) => run.state === 'done') ? 'features' : 'train')
}

export async function openProject(granted: { readonly token: string }): Promise<boolean> {
  const project = useProjectStore()
  const answer = await engine('project.open', { file: granted.token })
  if (!answer.ok) {
    project.report(answer.error)
    return false
  }
  pendingSource.value = null
  project.show(answer.value)
  land(answer.value)
  return true
}

export function reviewSource(granted: Granted): void {
  pendingSource.value = granted
  navigate('data')
}

/** Leaves the review without storing anything. */
export function leaveReview(): void {
  pendingSource.value = null
  navigate(useProjectStore().summary === null ? 'start' : 'data')
}

export async function openGranted(granted: Granted): Promise<void> {
  if (granted.kind === 'project') await openProject(granted)
  else reviewSource(granted)
}

export async function openDropped(file: File): Promise<void> {
  const answer = await grantDropped(file)
  if (answer.ok) await openGranted(answer.value)
  else useProjectStore().report(answer.error)
}

export const chooseDataFile = (): Promise<void> => chooseData('file')
/** A folder that is one data set: of 10x Genomics, or AnnData as Zarr. */
export const chooseDataFolder = (): Promise<void> => chooseData('folder')

async function chooseData(what: 'file' | 'folder'): Promise<void> {
  const answer = await shell('files.chooseData', { what })
  if (!answer.ok) useProjectStore().report(answer.error)
  else if (answer.value) await openGranted(answer.value)
}

export async function chooseProject(): Promise<void> {
  const answer = await shell('files.chooseProject', {})
  if (!answer.ok) useProjectStore().report(answer.error)
  else if (answer.value) await openProject(answer.value)
}

/** What else an import is told: other files, and the user's own table of genes. */
export interface ImportExtras {
  readonly beside?: FilesBeside | undefined
  readonly geneTable?: string | undefined
}

/** Starts an import into the open project and lists its job; gives the job's id, or null after reporting a failure. */
export async function startImport(source: Granted, choice: ImportChoice, extras: ImportExtras = {}): Promise<string | null> {
  const project = useProjectStore()
  const { beside, geneTable } = extras
  const answer = await engine('import.start', {
    file: source.token,
    choice,
    ...(beside ? { beside } : {}),
    ...(geneTable ? { geneTable } : {}),
  })
  if (!answer.ok) {
    project.report(answer.error)
    return null
  }
  project.track(answer.value.job, 'import', null)
  return answer.value.job
}

/** Creates a project file and shows it; false after reporting a failure. */
export async function createProject(file: Granted, name: string): Promise<boolean> {
  const project = useProjectStore()
  const answer = await engine('project.create', { file: file.token, name })
  if (!answer.ok) {
    project.report(answer.error)
    return false
  }
  project.show(answer.value)
  return true
}

/** Opens a sample: its project when it was made before, else a new one with the bundled data. */
export async function openSample(sample: SampleName, name: string): Promise<void> {
  const project = useProjectStore()
  const files = await shell('sample.files', { sample })
  if (!files.ok) return project.report(files.error)
  const { exists, project: projectFile, data } = files.value
  const ready = exists ? await openProject(projectFile) : await createProject(projectFile, name)
  if (!ready || project.hasData) return
  pendingSource.value = null
  navigate('data')
  await startImport(data, takeSuggestions)
}

/** Closes the project and shows the start page. */
export async function closeProject(): Promise<void> {
  const answer = await useProjectStore().close()
  if (!answer.ok) return
  pendingSource.value = null
  navigate('start')
}
