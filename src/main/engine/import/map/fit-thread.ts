// Fits a map in a thread, so that the process answers others meanwhile; here and in slices where no thread can be had.
// Invariant: whoever cancels is heard within `lookEveryMs`, whatever the thread is doing; no thread outlives its fit.
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { FromFit } from './fit-thread-entry'
import { MapFit, type FitInput } from './fit'

/** Hears the share done and lets others have a turn; throws to cancel. */
export type Tell = (share: number) => Promise<void>

const lookEveryMs = 100
const stepsBetweenBreaths = 2

/** @param entry path of the built fit-thread-entry.ts; null fits here */
export async function fitMap(input: FitInput, entry: string | null, tell: Tell): Promise<Float32Array> {
  const fitted = entry === null ? null : await fitInThread(input, entry, tell)
  return fitted ?? fitHere(input, tell)
}

async function fitHere(input: FitInput, tell: Tell): Promise<Float32Array> {
  const fit = new MapFit(input)
  for (let epoch = 0; epoch < fit.epochs; epoch++) {
    fit.step()
    if (epoch % stepsBetweenBreaths === 0) await tell(epoch / fit.epochs)
  }
  return fit.positions()
}

/** Null when no thread could be started. */
async function fitInThread(input: FitInput, entry: string, tell: Tell): Promise<Float32Array | null> {
  const worker = new Worker(entry, { workerData: input, stdin: false })
  let share = 0
  let isStarted = false
  const result = new Promise<Float32Array | null>((resolve, reject) => {
    worker.on('message', (message: FromFit) => {
      isStarted = true
      if (message.t === 'done') resolve(message.xy)
      else share = message.share
    })
    const lost = (error: Error): void => (isStarted ? reject(error) : resolve(null))
    worker.on('error', lost)
    worker.on('exit', () => lost(new Error('the thread of the map ended')))
  })
  // Met below, or replaced by the error of whoever cancels.
  result.catch(() => undefined)
  try {
    for (;;) {
      const pause = sleep(lookEveryMs, null)
      const ended = await Promise.race([result.then((xy) => ({ xy })), pause])
      if (ended) return ended.xy
      await tell(share)
    }
  } finally {
    await worker.terminate()
  }
}
