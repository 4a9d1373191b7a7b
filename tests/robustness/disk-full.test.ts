// A disk that is full while checkpoints are kept: a real one, of a few kilobytes in memory.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { FromTrainer, TrainerSpec } from '../../src/main/base/trainer-protocol'
import { Checkpoints } from '../../src/main/trainer/checkpoints'
import { Paused, type Wish } from '../../src/main/trainer/run'
import { checkpointIdentity, train } from '../../src/main/trainer/train'
import { temporaryFolder } from '../temporary-folder'
import { fingerprint, plantedRows, writeScratch } from '../trainer/toy-data'

const backend = { info: { name: 'cpu', native: false, version: '1', threads: 1, problem: null }, binding: null } as const
const { rows } = plantedRows(200, 12, 20, 3)
const mounted: string[] = []

function mount(kilobytes: number, folder = temporaryFolder()): string {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'ignore' })
  mounted.push(folder)
  return folder
}
const unmountAll = (): void => {
  for (const folder of mounted.splice(0)) execFileSync('umount', [folder])
}
afterEach(unmountAll)

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'latiscope-mount-'))
  try {
    mount(64, folder)
    unmountAll()
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

/** A checkpoint of this model is about 40 kB. */
function specIn(folder: string): TrainerSpec {
  const spec = writeScratch(temporaryFolder(), rows, 12, { steps: 60, latents: 128 })
  return { ...spec, checkpoints: { folder, everySeconds: 0 } }
}

async function session(spec: TrainerSpec, wish: (asked: number) => Wish): Promise<{ problems: string[]; paused: number | null }> {
  const problems: string[] = []
  let asked = 0
  const post = (message: FromTrainer): void => {
    if (message.t === 'checkpoint' && message.problem) problems.push(message.problem.code)
  }
  const host = { post, log: () => {}, takeCheckpointRequest: () => true, wish: () => wish(asked++) }
  try {
    await train(spec, backend, host)
    return { problems, paused: null }
  } catch (thrown) {
    if (!(thrown instanceof Paused)) throw thrown
    return { problems, paused: thrown.step }
  }
}

describe.skipIf(!canMount())('a full disk (needs the right to mount one)', () => {
  it('takes no checkpoint: the run says so, goes on and ends in the same bytes', async () => {
    const full = specIn(mount(16))
    const { problems } = await session(full, () => 'go')
    expect(new Set(problems)).toEqual(new Set(['CHECKPOINT_DISK_FULL']))
    const free = specIn(temporaryFolder())
    expect((await session(free, () => 'go')).problems).toEqual([])
    expect(fingerprint(full.scratch)).toBe(fingerprint(free.scratch))
  })

  it('with room for two checkpoints but not for a third on its way, keeps the newest', async () => {
    const folder = mount(96)
    const { problems, paused } = await session(specIn(folder), (asked) => (asked >= 30 ? 'pause' : 'go'))
    expect([problems, paused]).toEqual([[], 30])
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['30.checkpoint']))
  })

  it('that has room for one only keeps that one whole, and the run goes on from there', async () => {
    const folder = mount(60)
    const spec = specIn(folder)
    const { problems, paused } = await session(spec, (asked) => (asked >= 30 ? 'pause' : 'go'))
    expect(problems).toContain('CHECKPOINT_DISK_FULL')
    expect(paused).toBe(1)
    expect(readdirSync(folder)).toEqual(['1.checkpoint'])
    expect(new Checkpoints(folder, 0, () => 0).newest(checkpointIdentity(spec))?.step).toBe(1)
    await session(spec, () => 'go')
    const free = specIn(temporaryFolder())
    await session(free, () => 'go')
    expect(fingerprint(spec.scratch)).toBe(fingerprint(free.scratch))
  })
})
