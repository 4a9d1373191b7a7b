// An open project: the database and one store per table family.
import { basename } from 'node:path'
import { openDatasetStore, type DatasetStore } from '../store/dataset'
import { openLinkingSourceStore, type LinkingSourceStore } from '../store/linking-sources'
import { openLinkingStore, type LinkingStore } from '../store/linkings'
import { openMatrices } from '../store/matrices'
import { openRunStore, type RunStore } from '../store/runs'
import { createDatabase, openDatabase, type OpenDatabase } from './database'

export interface Project {
  readonly file: string
  readonly readOnly: boolean
  readonly name: string
  readonly dataset: DatasetStore
  readonly runs: RunStore
  readonly linkings: LinkingStore
  readonly linkingSources: LinkingSourceStore
  close(): void
}

const interruptedWords = 'The program or the computer stopped while this run was training.'

export function createProject(file: string, name: string, appVersion: string): Project {
  const opened = createDatabase(file)
  const insert = opened.db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)')
  opened.db
    .transaction(() => {
      insert.run('name', name)
      insert.run('created_at', new Date().toISOString())
      insert.run('created_with', appVersion)
    })
    .immediate()
  return projectOf(opened)
}

/** Opens a project; runs that were cut off are marked interrupted. */
export function openProject(file: string): Project {
  const project = projectOf(openDatabase(file))
  if (!project.readOnly) project.runs.markInterrupted(interruptedWords, new Date())
  return project
}

function projectOf(opened: OpenDatabase): Project {
  const matrices = openMatrices(opened.db, basename(opened.file))
  const name = opened.db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'name'").get()
  return {
    file: opened.file,
    readOnly: opened.readOnly,
    name: name?.value ?? basename(opened.file, '.latiscope'),
    dataset: openDatasetStore(opened.db, matrices),
    runs: openRunStore(opened.db, matrices),
    linkings: openLinkingStore(opened.db),
    linkingSources: openLinkingSourceStore(opened.db),
    close: opened.close,
  }
}
