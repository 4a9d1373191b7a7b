// The only place that hears the window. Every message is checked (who sent it, which method, which shape, which files)
// before anything happens, and every one is answered with a value: nothing a page sends makes this throw or hang.
import {
  engineMethods,
  isEngineMethod,
  isShellMethod,
  shellMethods,
  type EngineMethod,
  type EngineParams,
  type Granted,
  type Result,
  type ShellMethod,
  type ShellParams,
  type ShellResult,
} from '@contract'
import { ipcMain, type IpcMainInvokeEvent } from 'electron'
import * as v from 'valibot'
import { refuse, settle } from '../base/refusal'
import type { Purpose } from './grants'
import { originOf } from './policy'

export type Channel = 'latiscope:engine' | 'latiscope:shell' | 'latiscope:grant-dropped'

/** Who sent a message, as far as Electron vouches for it. */
export interface Sender {
  readonly isTopFrame: boolean
  readonly origin: string | null
  readonly isKnownWindow: boolean
}

export type ShellHandlers = { readonly [M in ShellMethod]: (params: ShellParams<M>) => ShellResult<M> | Promise<ShellResult<M>> }

export interface RouterParts {
  /** The exact origin of the window's page. */
  readonly origin: string
  callEngine<M extends EngineMethod>(method: M, params: EngineParams<M>): Promise<Result<unknown>>
  /** Told after each answered engine call, with its checked parameters. */
  onEngineAnswer(method: EngineMethod, params: Readonly<Record<string, unknown>>, result: Result<unknown>): void
  readonly handlers: ShellHandlers
  /** Whether a request may use this file token for this purpose. */
  useToken(token: string, purpose: Purpose): boolean
  /** A file dropped on the window; its path comes from the preload script, not from the page. */
  grantDropped(path: string): Granted
  onBug(bug: unknown, ref: string): void
}

/** What each engine method may do with the file whose token it is given. */
const purposeOf: Readonly<Partial<Record<EngineMethod, Purpose>>> = {
  'project.create': 'project',
  'project.open': 'project',
  'source.inspect': 'data',
  'import.start': 'data',
  'export.table': 'export',
  'enrich.run': 'data',
  'model.import': 'data',
}

/** The file tokens of a request, each with what it is used for. */
function tokensOf(method: EngineMethod, checked: Readonly<Record<string, unknown>>): (readonly [string, Purpose])[] {
  if (method === 'apply.start') {
    const { file, out } = checked as EngineParams<'apply.start'>
    return [[file, 'data'], ...(out === null ? [] : [[out, 'export'] as const])]
  }
  const purpose = purposeOf[method]
  return purpose === undefined ? [] : namesOf(method, checked).map((token) => [token, purpose])
}

function namesOf(method: EngineMethod, checked: Readonly<Record<string, unknown>>): string[] {
  if (method === 'import.start') {
    const { file, beside } = checked as EngineParams<'import.start'>
    return [file, beside?.metadata, beside?.ids, beside?.expression].filter((token) => typeof token === 'string')
  }
  if (method !== 'enrich.run') return [String(checked['file'])]
  const { genes, background, sets } = checked as EngineParams<'enrich.run'>
  const ofSets = sets.kind === 'gmt' ? [sets.gmt] : sets.kind === 'ontology' ? [sets.obo, sets.associations] : []
  return [genes, background, ...ofSets]
}

const largestNodes = 200_000
const largestText = 41_000_000
const longestPath = 32_768

const bad = (why: string): never => refuse('BAD_REQUEST', { why })

/** Whether `value` is small plain data. Stops counting at the limits, so cycles and giants cost no more than the limit. */
export function isSmallPlainData(value: unknown): boolean {
  const waiting: unknown[] = [value]
  let nodes = 0
  let text = 0
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (++nodes > largestNodes) return false
    if (typeof next === 'string') text += next.length
    else if (typeof next === 'bigint' || typeof next === 'function' || typeof next === 'symbol') return false
    else if (Array.isArray(next)) {
      if (next.length > largestNodes) return false
      for (const item of next as unknown[]) waiting.push(item)
    } else if (typeof next === 'object' && next !== null) {
      const prototype: unknown = Object.getPrototypeOf(next)
      if (prototype !== Object.prototype && prototype !== null) return false
      for (const [key, item] of Object.entries(next)) {
        text += key.length
        waiting.push(item)
      }
    }
    if (text > largestText) return false
  }
  return true
}

class EngineAnswer {
  constructor(readonly result: Result<unknown>) {}
}

export class Router {
  constructor(private readonly parts: RouterParts) {}

  /** Answers one message of the window; never rejects. */
  answer(channel: Channel, sender: Sender, subject: unknown, params: unknown): Promise<Result<unknown>> {
    return this.settled(async () => {
      if (!sender.isKnownWindow || !sender.isTopFrame || sender.origin !== this.parts.origin) bad('unknown sender')
      if (channel === 'latiscope:grant-dropped') return this.dropped(subject)
      if (typeof subject !== 'string' || !isSmallPlainData(params)) return bad('not plain data')
      return channel === 'latiscope:engine' ? this.engine(subject, params) : this.shell(subject, params)
    })
  }

  /** The engine's own answer is handed on as it is; anything else is wrapped. */
  private async settled(work: () => Promise<unknown>): Promise<Result<unknown>> {
    const outer = await settle(work, this.parts.onBug)
    return outer.ok && outer.value instanceof EngineAnswer ? outer.value.result : outer
  }

  private dropped(path: unknown): Granted {
    if (typeof path !== 'string' || path === '' || path.length > longestPath || path.includes('\0')) return bad('not a file')
    return this.parts.grantDropped(path)
  }

  private async engine(method: string, params: unknown): Promise<EngineAnswer> {
    if (!isEngineMethod(method)) return bad('unknown method')
    const parsed = v.safeParse(engineMethods[method].params, params)
    if (!parsed.success) return bad(`parameters of ${method}`)
    const checked = parsed.output as Readonly<Record<string, unknown>>
    if (!tokensOf(method, checked).every(([token, purpose]) => this.parts.useToken(token, purpose)))
      return bad(`file of ${method}`)
    const result = await this.parts.callEngine(method, parsed.output as EngineParams<typeof method>)
    this.parts.onEngineAnswer(method, checked, result)
    return new EngineAnswer(result)
  }

  private shell(method: string, params: unknown): unknown {
    if (!isShellMethod(method)) return bad('unknown method')
    const parsed = v.safeParse(shellMethods[method].params, params)
    if (!parsed.success) return bad(`parameters of ${method}`)
    const handler = this.parts.handlers[method] as (checked: unknown) => unknown
    return handler(parsed.output)
  }
}

function senderOf(event: IpcMainInvokeEvent, isKnownWindow: (contentsId: number) => boolean): Sender {
  try {
    const frame = event.senderFrame
    if (!frame) return { isTopFrame: false, origin: null, isKnownWindow: false }
    return {
      isTopFrame: frame.parent === null && frame === event.sender.mainFrame,
      origin: originOf(frame.url),
      isKnownWindow: isKnownWindow(event.sender.id),
    }
  } catch {
    // A frame destroyed meanwhile throws on every property; it gets no answer of value.
    return { isTopFrame: false, origin: null, isKnownWindow: false }
  }
}

/** Connects the router to the three channels of the preload script. */
export function listen(router: Router, isKnownWindow: (contentsId: number) => boolean): void {
  for (const channel of ['latiscope:engine', 'latiscope:shell', 'latiscope:grant-dropped'] as const) {
    ipcMain.handle(channel, (event, subject: unknown, params: unknown) =>
      router.answer(channel, senderOf(event, isKnownWindow), subject, params),
    )
  }
}
