// An open project: the database and one store per table family.
import { basename } from 'node:path'
import { openAssociationStore, type AssociationStore } from '../store/associations'
import { openConceptPairs, type ConceptPairs } from '../store/concept-pairs'
import { openConceptTables, type ConceptTables } from '../store/concept-tables'
import { openDatasetStore, type DatasetStore } from '../store/dataset'
import { openLabelStore, type LabelStore } from '../store/labels'
import { openLinkingSourceStore, type LinkingSourceStore } from '../store/linking-sources'
import { openLinkingStore, type LinkingStore } from '../store/linkings'
import { openMatrices } from '../store/matrices'
import { openSparseMatrices } from '../store/sparse-matrices'
import { openRunStore, type RunStore } from '../store/runs'
import { openStabilityStore, type StabilityStore } from '../store/stability'
import { createDatabase, openDatabase, type OpenDatabase } from './database'

export interface Project {
  readonly file: string
  readonly readOnly: boolean
  readonly name: string
  readonly dataset: DatasetStore
  readonly runs: RunStore
  readonly linkings: LinkingStore
  readonly conceptTables: ConceptTables
  readonly conceptPairs: ConceptPairs
  readonly labels: LabelStore
  readonly associations: AssociationStore
  readonly linkingSources: LinkingSourceStore
  readonly stability: StabilityStore
  close(): void
}

const interruptedWords = 'The program or the computer stopped before this run was done.'

/** The step a run can go on from, by the token of its checkpoints; 0 without one. */
export type ResumeStep = (token: string | null) => number
const fromTheStart: ResumeStep = () => 0

export function createProject(file: string, name: string, appVersion: string, resumeStep = fromTheStart): Project {
  const opened = createDatabase(file)
  const insert = opened.db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)')
  opened.db
    .transaction(() => {
      insert.run('name', name)
      insert.run('created_at', new Date().toISOString())
      insert.run('created_with', appVersion)
    })
    .immediate()
  return projectOf(opened, resumeStep)
}

/** Opens a project; runs that were cut off are marked interrupted. */
export function openProject(file: string, resumeStep = fromTheStart): Project {
  const project = projectOf(openDatabase(file), resumeStep)
  if (!project.readOnly) project.runs.markInterrupted(interruptedWords, new Date())
  return project
}

function projectOf(opened: OpenDatabase, resumeStep: ResumeStep): Project {
  const matrices = openMatrices(opened.db, basename(opened.file))
  const name = opened.db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'name'").get()
  const stability = openStabilityStore(opened.db)
  return {
    file: opened.file,
    readOnly: opened.readOnly,
    name: name?.value ?? basename(opened.file, '.latiscope'),
    dataset: openDatasetStore(opened.db, matrices, openSparseMatrices(opened.db, basename(opened.file))),
    runs: openRunStore(opened.db, matrices, resumeStep, stability.sources),
    stability,
    linkings: openLinkingStore(opened.db),
    conceptTables: openConceptTables(opened.db),
    conceptPairs: openConceptPairs(opened.db),
    labels: openLabelStore(opened.db),
    associations: openAssociationStore(opened.db, matrices),
    linkingSources: openLinkingSourceStore(opened.db),
    close: opened.close,
  }
}
