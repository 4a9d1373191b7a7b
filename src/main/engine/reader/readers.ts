// The engine's side of the reader processes: one task each at a time, watched, and ended when it is stuck.
// Invariants: every task is answered, also when its process crashes or hangs; a reader that failed is never used again.
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { appError, type AppError } from '@contract'
import type { FromEngine } from '../../base/host-protocol'
import type { FromReader } from '../../base/reader-protocol'
import { Refusal } from '../../base/refusal'
import type { ExpressionPages } from '../import'
import { pathOfTask, type ReaderAnswers, type ReaderTask } from './tasks'

export interface ReaderHooks {
  progress(phase: string, step: number, of: number): void
  /** Hears of the expression of an import while it is being read. */
  pages?(pages: ExpressionPages): void
}

export interface RunningTask<T> {
  readonly answer: Promise<T>
  /** Asks the reader to stop, and ends it when it does not. The answer is then CANCELLED. */
  cancel(): void
}

export interface ReaderTimes {
  /** Silence of this length ends a reader; large files are allowed more, up to `longestSilenceMs`. */
  readonly silenceMs: number
  readonly longestSilenceMs: number
  /** Until the first sign of life. */
  readonly startMs: number
  /** A reader without work ends after this time. */
  readonly idleMs: number
  readonly cancelGraceMs: number
}

const usualTimes: ReaderTimes = {
  silenceMs: 8_000,
  longestSilenceMs: 60_000,
  startMs: 30_000,
  idleMs: 120_000,
  cancelGraceMs: 2_000,
}
/** A slow network drive still delivers this much. */
const bytesPerMs = 50_000
const lookEveryMs = 500

interface Pending {
  readonly file: string
  readonly silenceMs: number
  readonly hooks: ReaderHooks
  heard: number
  started: boolean
  cancelled: boolean
  /** Why it was ended, when the engine ended it. */
  why: string | null
  settle(outcome: { value: unknown } | { error: AppError }): void
}

interface Reader {
  readonly id: number
  pending: Pending | null
  idle: NodeJS.Timeout | null
}

export class Readers {
  private readonly readers = new Map<number, Reader>()
  private watch: NodeJS.Timeout | null = null
  private lastId = 0

  constructor(
    private readonly send: (message: FromEngine) => void,
    private readonly times: ReaderTimes = usualTimes,
  ) {}

  /** Starts a task on a free reader, or on a new one. Its answer refuses with what the reader refused with, or FILE_LIBRARY_FAILED. */
  run<K extends ReaderTask['kind']>(
    task: Extract<ReaderTask, { kind: K }>,
    hooks: ReaderHooks = { progress: () => undefined },
  ): RunningTask<ReaderAnswers[K]> {
    const path = pathOfTask(task)
    const reader = this.free()
    const answer = new Promise<ReaderAnswers[K]>((resolve, reject) => {
      reader.pending = {
        file: basename(path),
        silenceMs: Math.min(this.times.longestSilenceMs, this.times.silenceMs + sizeOf(path) / bytesPerMs),
        hooks,
        heard: Date.now(),
        started: false,
        cancelled: false,
        why: null,
        settle: (outcome) =>
          'value' in outcome ? resolve(outcome.value as ReaderAnswers[K]) : reject(new Refusal(outcome.error)),
      }
    })
    this.send({ t: 'reader-post', reader: reader.id, message: { t: 'task', task } })
    this.watch ??= setInterval(() => this.look(), lookEveryMs)
    // After an import the memory of the process has done its work; the next file gets a fresh one.
    const end = (): void => (task.kind === 'inspect' ? undefined : this.kill(reader))
    return { answer: answer.finally(end), cancel: () => this.cancel(reader) }
  }

  hear(id: number, message: FromReader): void {
    const reader = this.readers.get(id)
    const pending = reader?.pending
    if (!reader || !pending) return
    pending.heard = Date.now()
    pending.started = true
    switch (message.t) {
      case 'alive':
        return
      case 'progress':
        pending.hooks.progress(message.phase, message.step, message.of)
        return
      case 'pages':
        pending.hooks.pages?.(message.pages as ExpressionPages)
        return
      case 'bug':
        this.send(message)
        return
      case 'done':
        this.settle(reader, pending.cancelled ? { error: appError('CANCELLED') } : { value: message.value })
        return
      case 'failed':
        this.settle(reader, { error: message.error })
    }
  }

  gone(id: number, why: string): void {
    const reader = this.readers.get(id)
    if (!reader) return
    this.readers.delete(id)
    if (reader.idle) clearTimeout(reader.idle)
    const { pending } = reader
    if (!pending) return
    const failed = appError('FILE_LIBRARY_FAILED', { file: pending.file, why: pending.why ?? `it ended with ${why}` })
    this.settle(reader, { error: pending.cancelled ? appError('CANCELLED') : failed })
  }

  private free(): Reader {
    for (const reader of this.readers.values()) {
      if (reader.pending || !reader.idle) continue
      clearTimeout(reader.idle)
      reader.idle = null
      return reader
    }
    const reader: Reader = { id: ++this.lastId, pending: null, idle: null }
    this.readers.set(reader.id, reader)
    this.send({ t: 'reader-start', reader: reader.id })
    return reader
  }

  private settle(reader: Reader, outcome: Parameters<Pending['settle']>[0]): void {
    const { pending } = reader
    reader.pending = null
    if (this.readers.has(reader.id)) reader.idle = setTimeout(() => this.kill(reader), this.times.idleMs).unref()
    if (this.watch && ![...this.readers.values()].some((each) => each.pending)) {
      clearInterval(this.watch)
      this.watch = null
    }
    pending?.settle(outcome)
  }

  private look(): void {
    const now = Date.now()
    for (const reader of this.readers.values()) {
      const { pending } = reader
      if (!pending) continue
      const allowed = pending.started ? pending.silenceMs : this.times.startMs
      if (now - pending.heard <= allowed) continue
      pending.why ??= `it did not answer for ${Math.round(allowed / 1000)} seconds`
      this.send({ t: 'reader-kill', reader: reader.id })
    }
  }

  private cancel(reader: Reader): void {
    const { pending } = reader
    if (!pending || pending.cancelled) return
    pending.cancelled = true
    this.send({ t: 'reader-post', reader: reader.id, message: { t: 'cancel' } })
    setTimeout(() => {
      if (reader.pending === pending) this.send({ t: 'reader-kill', reader: reader.id })
    }, this.times.cancelGraceMs).unref()
  }

  private kill(reader: Reader): void {
    if (reader.idle) clearTimeout(reader.idle)
    reader.idle = null
    this.send({ t: 'reader-kill', reader: reader.id })
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
