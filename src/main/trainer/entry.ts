// The trainer process: one run per process. Whatever happens ends in exactly one `done` or `failed` message and a
// clean exit; a host that goes away takes this process with it.
import { constants, setPriority } from 'node:os'
import { appError, type AppError } from '@contract'
import { openParentPort } from '../base/parent-port'
import { errorValue } from '../base/refusal'
import type { FromTrainer, ToTrainer } from '../base/trainer-protocol'
import { loadBackend, type Backend } from './backend'
import { train, type TrainerHost } from './train'
import { doWork } from './work'

const port = openParentPort()
const post = (message: FromTrainer): void => port.post(message)
const log = (line: string): void => void process.stderr.write(`trainer: ${line}\n`)
/** Long enough for the last message to leave. */
const farewellMs = 100

let backend: Backend | null = null
let started = false
let cancelled = false

function leave(): void {
  setTimeout(() => process.exit(0), farewellMs)
}

function failure(thrown: unknown): AppError {
  if (thrown instanceof Error && /OOM|resource exhausted|failed to allocate|bad_alloc/i.test(thrown.message))
    return appError('OUT_OF_MEMORY')
  return errorValue(thrown, (bug, ref) => log(`bug ${ref}: ${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}`))
}

/** Does what was asked for once, and leaves. */
async function run(task: (backend: Backend, host: TrainerHost) => Promise<FromTrainer>): Promise<void> {
  try {
    backend ??= loadBackend(log)
    post({ t: 'started', backend: backend.info })
    post(await task(backend, { post, log, cancelled: () => cancelled }))
  } catch (thrown) {
    post({ t: 'failed', error: failure(thrown) })
  }
  leave()
}

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
} catch {
  log('the priority could not be lowered')
}

port.onClosed(() => process.exit(0))
port.onMessage((raw) => {
  const message = raw as ToTrainer
  switch (message.t) {
    case 'probe':
      backend ??= loadBackend(log)
      post({ t: 'probed', backend: backend.info })
      return
    case 'cancel':
      cancelled = true
      if (!started) {
        started = true
        post({ t: 'failed', error: appError('CANCELLED') })
        leave()
      }
      return
    case 'train':
      if (started) return
      started = true
      void run(async (loaded, host) => ({ t: 'done', outcome: await train(message.spec, loaded, host) }))
      return
    case 'work':
      if (started) return
      started = true
      void run(async (loaded, host) => ({ t: 'worked', outcome: await doWork(message.work, loaded, host) }))
  }
})
