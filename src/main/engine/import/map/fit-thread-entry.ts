// The thread of fit-thread.ts: one fit from start to end, told in shares.
import { parentPort, workerData } from 'node:worker_threads'
import { MapFit, type FitInput } from './fit'

export type FromFit = { readonly t: 'share'; readonly share: number } | { readonly t: 'done'; readonly xy: Float32Array }

const stepsBetweenShares = 4
const send = (message: FromFit): void => parentPort?.postMessage(message)

send({ t: 'share', share: 0 })
const fit = new MapFit(workerData as FitInput)
for (let epoch = 0; epoch < fit.epochs; epoch++) {
  fit.step()
  if (epoch % stepsBetweenShares === 0) send({ t: 'share', share: epoch / fit.epochs })
}
send({ t: 'done', xy: fit.positions() })
