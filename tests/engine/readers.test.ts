// The engine's side of the reader processes, with pretended ones: every task is answered, whatever the process does.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FromEngine } from '../../src/main/base/host-protocol'
import { nothingBeside } from '../../src/main/engine/import'
import { Readers } from '../../src/main/engine/reader/readers'
import { temporaryFolder } from '../temporary-folder'
import { codeOf, sentenceOf } from './fixtures/reading'

const times = { silenceMs: 8_000, longestSilenceMs: 60_000, startMs: 30_000, idleMs: 100_000, cancelGraceMs: 2_000 }
let sent: FromEngine[]
let readers: Readers
let path: string

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  readers = new Readers((message) => {
    sent.push(message)
    if (message.t === 'reader-kill') queueMicrotask(() => readers.gone(message.reader, 'SIGKILL'))
  }, times)
  path = join(temporaryFolder(), 'cells.h5ad')
  writeFileSync(path, 'x')
})
afterEach(() => vi.useRealTimers())

const inspect = () => readers.run({ kind: 'inspect', path, beside: nothingBeside })
const started = (): number[] => sent.flatMap((message) => (message.t === 'reader-start' ? [message.reader] : []))

describe('a reader', () => {
  it('gives its answer, and is used again for the next file', async () => {
    const first = inspect()
    readers.hear(1, { t: 'done', value: { kind: 'h5ad' } })
    expect(await first.answer).toEqual({ kind: 'h5ad' })
    inspect()
    expect(started()).toEqual([1])
  })

  it('that is busy is not disturbed: the next task gets another one', () => {
    inspect()
    inspect()
    expect(started()).toEqual([1, 2])
  })

  it('that crashes is an error with the name of the file, and is not used again', async () => {
    const { answer } = inspect()
    const sentence = sentenceOf(answer)
    readers.gone(1, 'SIGABRT')
    expect(await sentence).toContain('cells.h5ad (it ended with SIGABRT)')
    inspect()
    expect(started()).toEqual([1, 2])
  })

  it('that falls silent is ended, one that says that it lives is not', async () => {
    const { answer } = inspect()
    const sentence = sentenceOf(answer)
    for (let second = 0; second < 60; second += 5) {
      readers.hear(1, { t: 'alive' })
      await vi.advanceTimersByTimeAsync(5_000)
    }
    expect(sent.some((message) => message.t === 'reader-kill')).toBe(false)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await sentence).toContain('it did not answer for 8 seconds')
  })

  it('that never starts is given up, too', async () => {
    const code = codeOf(inspect().answer)
    await vi.advanceTimersByTimeAsync(31_000)
    expect(await code).toBe('FILE_LIBRARY_FAILED')
  })

  it('is asked to stop, and ended when it does not', async () => {
    const task = inspect()
    readers.hear(1, { t: 'alive' })
    const code = codeOf(task.answer)
    task.cancel()
    expect(sent.at(-1)).toEqual({ t: 'reader-post', reader: 1, message: { t: 'cancel' } })
    await vi.advanceTimersByTimeAsync(2_100)
    expect(sent.at(-1)).toEqual({ t: 'reader-kill', reader: 1 })
    expect(await code).toBe('CANCELLED')
  })

  it('without work ends after a while', async () => {
    const { answer } = inspect()
    readers.hear(1, { t: 'done', value: {} })
    await answer
    await vi.advanceTimersByTimeAsync(100_000)
    expect(sent.at(-1)).toEqual({ t: 'reader-kill', reader: 1 })
  })
})
