// The supervisor with a pretended engine: every call is answered, whatever the engine does.
import { describe, expect, it, vi } from 'vitest'
import type { HelperProcess } from '../../src/main/base/child-process-port'
import type { FromEngine, ToEngine } from '../../src/main/base/host-protocol'
import { Supervisor } from '../../src/main/base/supervisor'

class PretendedProcess implements HelperProcess {
  readonly pid = 1
  readonly heard: ToEngine[] = []
  killed = false
  private tell: (message: unknown) => void = () => {}
  private exits: ((code: number | null, signal: string | null) => void)[] = []

  constructor(private readonly answer: (message: ToEngine, self: PretendedProcess) => void) {
    setTimeout(() => this.say({ t: 'ready', versions: { node: '24', sqlite: '3', hdf5: '1' } }), 0)
  }
  say(message: FromEngine): void {
    this.tell(message)
  }
  die(): void {
    for (const exit of this.exits) exit(null, 'SIGKILL')
  }
  post(message: unknown): void {
    this.heard.push(message as ToEngine)
    this.answer(message as ToEngine, this)
  }
  onMessage(listener: (message: unknown) => void): void {
    this.tell = listener
  }
  onExit(listener: (code: number | null, signal: string | null) => void): void {
    this.exits.push(listener)
  }
  kill(): void {
    this.killed = true
    this.die()
  }
}

function supervise(answer: (message: ToEngine, self: PretendedProcess) => void) {
  const engines: PretendedProcess[] = []
  const trainers: PretendedProcess[] = []
  const readers: PretendedProcess[] = []
  const events: { name: string; payload: unknown }[] = []
  const supervisor = new Supervisor({
    forkEngine: () => engines[engines.push(new PretendedProcess(answer)) - 1] as PretendedProcess,
    forkTrainer: () => trainers[trainers.push(new PretendedProcess(() => {})) - 1] as PretendedProcess,
    forkReader: () => readers[readers.push(new PretendedProcess(() => {})) - 1] as PretendedProcess,
    onEvent: (name, payload) => events.push({ name, payload }),
    log: () => {},
  })
  return { supervisor, engines, trainers, readers, events }
}

const silent = (): void => {}
const agree = (message: ToEngine, engine: PretendedProcess): void => {
  if (message.t === 'call') engine.say({ t: 'reply', id: message.id, result: { ok: true, value: {} } })
}

describe('the supervisor', () => {
  it('answers calls that were waiting when the engine died, and starts it again', async () => {
    const { supervisor, engines, events } = supervise(silent)
    const waiting = supervisor.call('project.summary', {})
    await vi.waitFor(() => expect(engines[0]?.heard).toHaveLength(1))
    engines[0]?.die()
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'ENGINE_GONE' } })
    await vi.waitFor(() => expect(events).toMatchObject([{ name: 'engine.restarted', payload: { reopened: false } }]))
    expect(engines).toHaveLength(2)
  })

  it('opens the project again in the new engine, which knows the granted files', async () => {
    const { supervisor, engines, events } = supervise(agree)
    const token = 'a'.repeat(32)
    supervisor.grant({ token, path: '/p.latiscope', purpose: 'project' })
    await supervisor.call('project.open', { file: token })
    engines[0]?.die()
    await vi.waitFor(() => expect(events).toMatchObject([{ name: 'engine.restarted', payload: { reopened: true } }]))
    expect(engines[1]?.heard).toMatchObject([
      { t: 'grant', grant: { token } },
      { t: 'call', method: 'project.open', params: { file: token } },
    ])
  })

  it('gives up after three restarts in five minutes', async () => {
    const { supervisor, engines, events } = supervise(agree)
    await supervisor.start()
    for (let death = 1; death <= 4; death++) {
      engines.at(-1)?.die()
      await vi.waitFor(() => expect(events).toHaveLength(death))
    }
    expect(engines).toHaveLength(4)
  })

  it('answers TIMEOUT when the engine stays silent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { supervisor } = supervise(silent)
    const waiting = supervisor.call('run.list', {})
    await vi.advanceTimersByTimeAsync(11_000)
    vi.useRealTimers()
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } })
  })

  it('tells the engine when a trainer ends; when the engine dies, lets trainers keep a checkpoint and then ends them', async () => {
    const { supervisor, engines, trainers } = supervise(agree)
    await supervisor.start()
    engines[0]?.say({ t: 'trainer-start', run: 1, first: { t: 'probe' } })
    trainers[0]?.die()
    expect(engines[0]?.heard).toMatchObject([{ t: 'trainer-exit', run: 1, why: 'SIGKILL' }])
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    engines[0]?.say({ t: 'trainer-start', run: 2, first: { t: 'probe' } })
    engines[0]?.die()
    expect(trainers[1]?.heard).toEqual([{ t: 'probe' }, { t: 'pause' }])
    expect(trainers[1]?.killed).toBe(false)
    await vi.advanceTimersByTimeAsync(20_000)
    vi.useRealTimers()
    expect(trainers[1]?.killed).toBe(true)
  })

  it('gives a reader that was prepared to the first task, and ends one that nobody asked for', async () => {
    const { supervisor, engines, readers } = supervise(agree)
    supervisor.prepareReader()
    await supervisor.start()
    engines[0]?.say({ t: 'reader-start', reader: 1 })
    engines[0]?.say({ t: 'reader-post', reader: 1, message: { t: 'task', task: null } })
    expect(readers.map(({ heard }) => heard)).toEqual([[{ t: 'prepare' }, { t: 'task', task: null }]])
    supervisor.prepareReader()
    engines[0]?.die()
    expect(readers.map(({ killed }) => killed)).toEqual([true, true])
  })

  it('passes the wish for a checkpoint on to every trainer', async () => {
    const { supervisor, engines, trainers } = supervise(agree)
    await supervisor.start()
    for (const run of [1, 2]) engines[0]?.say({ t: 'trainer-start', run, first: { t: 'probe' } })
    supervisor.keepCheckpoints()
    expect(trainers.map(({ heard }) => heard)).toEqual(Array(2).fill([{ t: 'probe' }, { t: 'checkpoint' }]))
  })
})
