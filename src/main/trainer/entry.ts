// The trainer process: one run per process. Whatever happens ends in exactly one `done` or `failed` message and a
// clean exit; a host that goes away takes this process with it.
import { constants, setPriority } from 'node:os'
import { appError, type AppError } from '@contract'
import { openParentPort } from '../base/parent-port'
import { errorValue } from '../base/refusal'
import type { FromTrainer, ToTrainer, TrainerSpec } from '../base/trainer-protocol'
import { loadBackend, type Backend } from './backend'
import { Paused, type TrainerHost, type Wish } from './run'
import { train } from './train'
import { tryRun } from './trial'
import { doWork } from './work'

const port = openParentPort()
const post = (message: FromTrainer): void => port.post(message)
const log = (line: string): void => void process.stderr.write(`trainer: ${line}\n`)
/** Long enough for the last message to leave. */
const farewellMs = 100
/** Long enough for a checkpoint of the largest model on a slow disk. */
const abandonedMs = 20_000

let backend: Backend | null = null
let started = false
let wish: Wish = 'go'
let checkpointWanted = false

function leave(): void {
  setTimeout(() => process.exit(0), farewellMs)
}

function failure(thrown: unknown): AppError {
  if (thrown instanceof Error && /OOM|resource exhausted|failed to allocate|bad_alloc/i.test(thrown.message))
    return appError('OUT_OF_MEMORY')
  return errorValue(thrown, (bug, ref) => log(`bug ${ref}: ${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}`))
}

const host: TrainerHost = {
  post,
  log,
  wish: () => wish,
  takeCheckpointRequest: () => {
    const wanted = checkpointWanted
    checkpointWanted = false
    return wanted
  },
}

/** Runs `work` once, says how it ended, and ends. */
async function once(work: (loaded: Backend) => Promise<FromTrainer>): Promise<void> {
  if (started) return
  started = true
  try {
    backend ??= loadBackend(log)
    post({ t: 'started', backend: backend.info })
    post(await work(backend))
  } catch (thrown) {
    post(thrown instanceof Paused ? { t: 'paused', step: thrown.step } : { t: 'failed', error: failure(thrown) })
  }
  leave()
}

function runTraining(spec: TrainerSpec): Promise<void> {
  // TensorFlow and the kernel read it when they start.
  if (spec.threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS = String(spec.threads)
  return once(async (loaded) => ({ t: 'done', outcome: await train(spec, loaded, host) }))
}

/** Nobody waits for this process any more: it keeps a checkpoint and ends. */
function abandon(): void {
  if (!started) process.exit(0)
  if (wish !== 'cancel') wish = 'pause'
  setTimeout(() => process.exit(0), abandonedMs)
}

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
} catch {
  log('the priority could not be lowered')
}

port.onClosed(abandon)
process.on('SIGTERM', abandon)
// A Ctrl+C in the terminal reaches every process of the group; the host decides what becomes of the run.
process.on('SIGINT', () => {})
port.onMessage((raw) => {
  const message = raw as ToTrainer
  switch (message.t) {
    case 'probe':
      backend ??= loadBackend(log)
      post({ t: 'probed', backend: backend.info })
      return
    case 'cancel':
    case 'pause':
    case 'finish':
      wish = message.t
      if (!started && wish !== 'finish') {
        started = true
        post(wish === 'pause' ? { t: 'paused', step: 0 } : { t: 'failed', error: appError('CANCELLED') })
        leave()
      }
      return
    case 'checkpoint':
      checkpointWanted = true
      return
    case 'try':
      void once(async (loaded) => ({ t: 'tried', result: await tryRun(message.spec, message.seconds, loaded, host) }))
      return
    case 'train':
      void runTraining(message.spec)
      return
    case 'work':
      void once(async (loaded) => ({ t: 'worked', outcome: await doWork(message.work, loaded, host) }))
  }
})
