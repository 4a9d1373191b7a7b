// A reader process of the app for one task after another, watched as the engine watches it: silence of eight seconds ends it, and
// the next task gets a fresh one. Unlike the engine it also reuses a reader after an import, so that thousands of files can be read.
import { resolve } from 'node:path'
import { appError } from '@contract'
import { forkNode, type HelperProcess } from '../../src/main/base/child-process-port'
import type { FromReader } from '../../src/main/base/reader-protocol'
import { Refusal } from '../../src/main/base/refusal'
import { pathOfTask, type ReaderAnswers, type ReaderTask } from '../../src/main/engine/reader/tasks'

const built = resolve(import.meta.dirname, '../../out/main')
const silenceMs = 8_000
const lookEveryMs = 500

interface Waiting {
  readonly file: string
  heard: number
  settle(outcome: { value: unknown } | { error: Error }): void
}

export class WarmReader {
  /** Readers that ended or were ended in the middle of a task. */
  lost = 0
  private child: HelperProcess | null = null
  private waiting: Waiting | null = null
  private readonly watch = setInterval(() => this.look(), lookEveryMs)

  /** The answer to a task; refuses as the app does, with FILE_LIBRARY_FAILED when the reader is lost. A bug is thrown with its stack. */
  ask<K extends ReaderTask['kind']>(task: Extract<ReaderTask, { kind: K }>): Promise<ReaderAnswers[K]> {
    const file = pathOfTask(task)
    const child = (this.child ??= this.started())
    return new Promise((done, fail) => {
      this.waiting = {
        file,
        heard: Date.now(),
        settle: (outcome) => {
          this.waiting = null
          if ('value' in outcome) done(outcome.value as ReaderAnswers[K])
          else fail(outcome.error)
        },
      }
      child.post({ t: 'task', task })
    })
  }

  stop(): void {
    clearInterval(this.watch)
    const child = this.child
    this.child = null
    child?.kill()
  }

  private started(): HelperProcess {
    const child = forkNode(process.execPath, resolve(built, 'reader.js'), {
      LATISCOPE_RESOURCES: resolve(built, '../../resources'),
    })
    child.onMessage((raw) => this.hear(raw as FromReader))
    child.onExit((code, signal) => {
      if (this.child !== child) return
      this.child = null
      this.lost++
      const why = `it ended with ${signal ?? code}`
      this.waiting?.settle({ error: new Refusal(appError('FILE_LIBRARY_FAILED', { file: this.waiting.file, why })) })
    })
    return child
  }

  private hear(message: FromReader): void {
    const { waiting } = this
    if (!waiting) return
    waiting.heard = Date.now()
    if (message.t === 'done') waiting.settle({ value: message.value })
    else if (message.t === 'failed') waiting.settle({ error: new Refusal(message.error) })
    else if (message.t === 'bug') waiting.settle({ error: new Error(message.stack) })
  }

  private look(): void {
    if (this.waiting && Date.now() - this.waiting.heard > silenceMs) this.child?.kill()
  }
}
