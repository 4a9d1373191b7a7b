// What the engine sends to a trainer that is to stop: a request, and after some patience the end.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runTrainer } from '../../src/main/engine/analysis/trainer-wire'
import type { Engine } from '../../src/main/engine/engine'
import type { JobContext } from '../../src/main/engine/jobs/jobs'
import type { Project } from '../../src/main/engine/project/project'
import type { FromTrainer, TrainerSpec } from '../../src/main/base/trainer-protocol'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function training() {
  const sent: string[] = []
  const trainers: Engine['trainers'] = new Map()
  const engine = { trainers, send: (message: { t: string }) => sent.push(message.t) } as unknown as Engine
  const start = () => {
    let stop: (how: 'pause' | 'cancel') => void = () => {}
    const context = { onStop: (listener: typeof stop) => (stop = listener), cancelled: () => false } as unknown as JobContext
    const ended = runTrainer(engine, {} as Project, context, { run: 7, rows: 100, settings: { k: 8 } } as TrainerSpec)
    return { ended, stop: (how: 'pause' | 'cancel') => stop(how), say: (message: FromTrainer) => trainers.get(7)?.hear(message) }
  }
  return { sent, start }
}

describe('a training that is paused', () => {
  it('and goes on at once is not ended when the patience with the pause runs out', async () => {
    const { sent, start } = training()
    const first = start()
    first.stop('pause')
    first.say({ t: 'paused' } as FromTrainer)
    await first.ended
    start()
    vi.advanceTimersByTime(60_000)
    expect(sent).toEqual(['trainer-start', 'trainer-post', 'trainer-start'])
  })

  it('is ended when it does not listen', () => {
    const { sent, start } = training()
    start().stop('pause')
    vi.advanceTimersByTime(60_000)
    expect(sent).toEqual(['trainer-start', 'trainer-post', 'trainer-kill'])
  })
})
