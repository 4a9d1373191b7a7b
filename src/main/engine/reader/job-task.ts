// A reader's task as part of a job: the job's progress is the reader's, and a job that has to stop stops the reader.
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { ReaderAnswers, ReaderTask } from './tasks'

/** Refuses with what the reader refuses with, FILE_LIBRARY_FAILED when its process crashes or hangs, or CANCELLED. */
export function readInJob<K extends ReaderTask['kind']>(
  engine: Engine,
  context: JobContext,
  task: Extract<ReaderTask, { kind: K }>,
): Promise<ReaderAnswers[K]> {
  const running = engine.readers.run<K>(task, { progress: (phase, step, of) => context.progress(step, of, phase) })
  context.onStop(() => running.cancel())
  // A stop that came before the listener was there.
  if (context.stopped() !== null) running.cancel()
  return running.answer
}
