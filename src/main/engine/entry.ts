// The engine process: validates each request against the contract, runs its handler, answers with a value.
import { join } from 'node:path'
import * as v from 'valibot'
import { appError, engineMethods, isEngineMethod, type EngineMethod, type Result } from '@contract'
import { version as appVersion } from '../../../package.json'
import { libraryFolder } from '../base/folders'
import type { FromEngine, ToEngine } from '../base/host-protocol'
import { openParentPort } from '../base/parent-port'
import { settle } from '../base/refusal'
import { sweepCache } from './analysis/checkpoint-folders'
import { Engine } from './engine'
import { handlers } from './handlers'
import { readVersions } from './versions'

const port = openParentPort()
const send = (message: FromEngine): void => port.post(message)
const engine = new Engine(
  {
    resources: process.env['LATISCOPE_RESOURCES'] ?? '',
    cache: process.env['LATISCOPE_CACHE'] ?? '',
    library: process.env['LATISCOPE_LIBRARY'] ?? libraryFolder(),
    // Built beside this entry.
    mapThread: join(import.meta.dirname, 'map-fit.js'),
  },
  appVersion,
  send,
)

port.onMessage((raw) => {
  const message = raw as ToEngine
  switch (message.t) {
    case 'grant':
      engine.grant(message.grant)
      return
    case 'call':
      void answer(message.method, message.params).then((result) => send({ t: 'reply', id: message.id, result }))
      return
    case 'trainer':
      engine.trainers.get(message.run)?.hear(message.message)
      return
    case 'trainer-exit':
      engine.trainers.get(message.run)?.gone(message.why)
      return
    case 'reader':
      engine.readers.hear(message.reader, message.message)
      return
    case 'reader-exit':
      engine.readers.gone(message.reader, message.why)
      // What it had written meanwhile.
      sweepCache(engine.folders.cache, Date.now())
      return
    case 'stop':
      void leave()
  }
})
// Without a host no trainer can be reached: each keeps its own checkpoint when the host goes.
port.onClosed(() => void leave(0))
process.on('SIGTERM', () => void leave())
// A Ctrl+C in the terminal reaches every process of the group; the host decides when the engine ends.
process.on('SIGINT', () => {})

sweepCache(engine.folders.cache, Date.now())
send({ t: 'ready', versions: readVersions() })

async function answer(method: string, params: unknown): Promise<Result<unknown>> {
  if (!isEngineMethod(method))
    return { ok: false, error: appError('BAD_REQUEST', { why: `there is no request called ${method}` }) }
  const parsed = v.safeParse(engineMethods[method].params, params)
  if (!parsed.success) return { ok: false, error: appError('BAD_REQUEST', { why: `${method}: ${v.summarize(parsed.issues)}` }) }
  return settle<unknown>(
    () => run(method, parsed.output),
    (bug, ref) => engine.reportBug(bug, ref),
  )
}

function run(method: EngineMethod, params: unknown): unknown {
  const handler = handlers[method] as (params: unknown, engine: Engine) => unknown
  return handler(params, engine)
}

async function leave(limitMs?: number): Promise<void> {
  await engine.closeProject(limitMs)
  process.exit(0)
}
