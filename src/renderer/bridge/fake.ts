// A bridge for component tests and screenshots: answers come from a table the test writes, events are sent by hand.
// Never part of the built window: only files under tests/ import it.
import {
  appError,
  contractVersion,
  type EngineMethod,
  type EngineParams,
  type EngineResult,
  type EventName,
  type EventPayload,
} from '@contract'
import type { Granted, LatiscopeBridge, Result, ShellMethod, ShellParams, ShellResult } from '@contract'

type Answer<P, R> = R | ((params: P) => R | Result<R> | Promise<R | Result<R>>)
export type FakeEngine = { readonly [M in EngineMethod]?: Answer<EngineParams<M>, EngineResult<M>> }
export type FakeShell = { readonly [M in ShellMethod]?: Answer<ShellParams<M>, ShellResult<M>> }

export interface FakeBridge extends LatiscopeBridge {
  /** Every call made so far, oldest first. */
  readonly calls: readonly { readonly to: 'engine' | 'shell'; readonly method: string; readonly params: unknown }[]
  emit<E extends EventName>(name: E, payload: EventPayload<E>): void
}

const isResult = (value: unknown): value is Result<unknown> => typeof value === 'object' && value !== null && 'ok' in value

async function answer(table: Record<string, unknown>, method: string, params: unknown): Promise<Result<unknown>> {
  if (!Object.hasOwn(table, method))
    return { ok: false, error: appError('BAD_REQUEST', { why: `the fake has no answer for ${method}` }) }
  const entry = table[method]
  const value: unknown = typeof entry === 'function' ? await (entry as (given: unknown) => unknown)(params) : entry
  return isResult(value) ? value : { ok: true, value }
}

/** Builds a bridge from answers: a value, or a function of the parameters that gives a value or an error result. */
export function fakeBridge(engine: FakeEngine = {}, shell: FakeShell = {}, dropped?: Granted): FakeBridge {
  const listeners = new Set<(event: { name: string; payload: unknown }) => void>()
  const calls: { to: 'engine' | 'shell'; method: string; params: unknown }[] = []
  return {
    contractVersion,
    calls,
    engine: (method, params) => {
      calls.push({ to: 'engine', method, params })
      return answer(engine, method, params)
    },
    shell: (method, params) => {
      calls.push({ to: 'shell', method, params })
      return answer(shell, method, params)
    },
    grantDropped: (file) =>
      Promise.resolve(
        dropped
          ? { ok: true, value: dropped }
          : { ok: false, error: appError('FILE_NOT_RECOGNISED', { file: file.name, looksLike: 'it is something else' }) },
      ),
    onEvent: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    emit: (name, payload) => listeners.forEach((listener) => listener({ name, payload })),
  }
}

/** Puts the fake where the window expects the preload script's object. */
export function installBridge(bridge: LatiscopeBridge): void {
  Object.defineProperty(window, 'latiscope', { value: bridge, configurable: true })
}
