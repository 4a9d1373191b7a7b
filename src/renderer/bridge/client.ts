// The window's only way out: typed calls to the engine and the shell, and their events.
// Invariant: answers are values or error values; a call never rejects.
import {
  appError,
  type EngineMethod,
  type EngineParams,
  type EngineResult,
  type EventName,
  type EventPayload,
  type Granted,
  type LatiscopeBridge,
  type Result,
  type ShellMethod,
  type ShellParams,
  type ShellResult,
} from '@contract'

declare global {
  interface Window {
    readonly latiscope: LatiscopeBridge
  }
}

/** Requests hold plain values only; copying drops Vue's proxies, which cannot cross a process border. */
const plain = (params: unknown): unknown => JSON.parse(JSON.stringify(params))

async function guarded<T>(where: string, call: () => Promise<Result<unknown>>): Promise<Result<T>> {
  try {
    // The engine and the shell check every answer against the contract's schema before it leaves them.
    return (await call()) as Result<T>
  } catch {
    return { ok: false, error: appError('INTERNAL', { where }) }
  }
}

/** Asks the engine; the answer is the contract's result of this method, or an error value. */
export function engine<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<Result<EngineResult<M>>> {
  return guarded(method, () => window.latiscope.engine(method, plain(params)))
}

/** Asks the shell (dialogs, recent projects, appearance, clipboard). */
export function shell<M extends ShellMethod>(method: M, params: ShellParams<M>): Promise<Result<ShellResult<M>>> {
  return guarded(method, () => window.latiscope.shell(method, plain(params)))
}

/** Turns a dropped file into a grant; the path itself never reaches the window. */
export function grantDropped(file: File): Promise<Result<Granted>> {
  return guarded('grantDropped', () => window.latiscope.grantDropped(file))
}

/** Listens to one kind of event; returns the function that stops listening. */
export function onEvent<E extends EventName>(name: E, listener: (payload: EventPayload<E>) => void): () => void {
  return window.latiscope.onEvent((event) => {
    if (event.name === name) listener(event.payload as EventPayload<E>)
  })
}
