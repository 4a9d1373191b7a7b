// The thread of sorter-thread.ts: one RunSorter, driven by messages.
import { parentPort, workerData } from 'node:worker_threads'
import { Scratch } from './folder'
import type { PagedFile } from './paged'
import type { CollectedRun } from './run-collector'
import { RunSorter, type Turned } from './run-sorter'

export interface SorterSpec {
  readonly folder: string
  readonly name: string
  readonly columns: number
  readonly windowBytes: number
}

export type ToSorter = { readonly t: 'run'; readonly run: CollectedRun } | { readonly t: 'end' }
export type FromSorter =
  | { readonly t: 'ready' }
  | { readonly t: 'sorted' }
  | { readonly t: 'progress'; readonly values: number; readonly pages: PagedFile }
  | { readonly t: 'turned'; readonly turned: Turned }
  | { readonly t: 'failed'; readonly message: string; readonly code: string | null }

const { folder, name, columns, windowBytes } = workerData as SorterSpec
const sorter = new RunSorter(new Scratch(folder), name, columns, windowBytes)
const send = (message: FromSorter): void => parentPort?.postMessage(message)

parentPort?.on('message', (message: ToSorter) => {
  void perform(message).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    send({ t: 'failed', message: error instanceof Error ? error.message : String(error), code })
  })
})

async function perform(message: ToSorter): Promise<void> {
  if (message.t === 'run') {
    sorter.add(message.run)
    send({ t: 'sorted' })
  } else send({ t: 'turned', turned: await sorter.end((values, pages) => send({ t: 'progress', values, pages })) })
}

send({ t: 'ready' })
