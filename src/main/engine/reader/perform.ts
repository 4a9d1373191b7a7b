// What a reader does for each kind of task, apart from the process it does it in.
// Invariant: large results lie in the folder that the task names; only descriptions of them are answered.
import { inspectFile, readAddition, readEmbedding, readForImport, suggestions, type ImportHooks } from '../import'
import { fileModel } from '../import/models/filed-model'
import { readForeignModel } from '../import/models'
import type { GeneCatalogue } from '../ontology'
import { Scratch } from '../scratch/folder'
import { geneNamesOf } from './gene-choice'
import type { ReaderTask } from './tasks'

export interface ReaderSurroundings {
  catalogue(): GeneCatalogue
  proteinsOf(species: string): ReadonlyMap<string, string>
  readonly hooks: ImportHooks
  /** The built sorter-thread-entry.ts; null sorts without a thread. */
  readonly sorterThread: string | null
}

/** The answer to a task, as `ReaderAnswers` has it for its kind. Refuses with what the work refuses with. */
export async function performTask(task: ReaderTask, around: ReaderSurroundings): Promise<unknown> {
  const { hooks, proteinsOf, sorterThread } = around
  if (task.kind === 'model') return fileModel(readForeignModel(task.path, task.format), new Scratch(task.folder))
  if (task.kind === 'embedding') {
    const scratch = new Scratch(task.folder, sorterThread)
    return readEmbedding(task.path, task.wanted, around.catalogue().human, hooks, scratch)
  }
  const choice = task.kind === 'inspect' ? (task.choice ?? suggestions) : task.request.choice
  const names = geneNamesOf(around.catalogue(), proteinsOf, choice.genes, task.geneTable ?? null)
  const asked = { ...choice, genes: names.choice }
  if (task.kind === 'inspect') return inspectFile(task.path, names.resolver, task.beside, asked)
  const scratch = new Scratch(task.folder, sorterThread)
  return task.kind === 'import'
    ? readForImport({ ...task.request, choice: asked }, names.resolver, hooks, scratch)
    : readAddition({ ...task.request, choice: asked }, task.stored, names.resolver, hooks, scratch)
}
