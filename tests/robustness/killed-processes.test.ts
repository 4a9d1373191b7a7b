// kill -9 at the worst moments: the project opens, nothing committed is lost, the run is marked interrupted.
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { LatentRow } from '@contract'
import { openProject } from '../../src/main/engine/project/project'
import { cliAnswer, hasNative, sampleFile, startCli, type RunningCli } from '../run-cli'
import { temporaryFolder } from '../temporary-folder'
import { childrenOf, isAlive } from './killing'

const linux = process.platform === 'linux'

async function trainingProject(): Promise<{ project: string; running: RunningCli }> {
  const project = join(temporaryFolder(), 'p.latiscope')
  await cliAnswer('new', project)
  await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca')
  await cliAnswer('train', project, '--latents', '32', '--k', '4', '--steps', '300')
  const running = startCli('train', project, '--latents', '64', '--k', '8', '--steps', '200000')
  await vi.waitFor(() => expect(running.stderr()).toContain('"phase":"training"'), { timeout: 60_000, interval: 50 })
  return { project, running }
}

async function expectIntact(project: string): Promise<void> {
  const opened = openProject(project)
  const states = opened.runs.list().map((run) => run.state)
  opened.close()
  expect(states).toEqual(['interrupted', 'done'])
  expect((await cliAnswer<{ latents: LatentRow[] }>('latents', project)).latents).toHaveLength(32)
}

describe.skipIf(!hasNative || !linux)('killed without warning while training (needs the native TensorFlow, Linux)', () => {
  it('the trainer: the command says so and the project is intact', async () => {
    const { project, running } = await trainingProject()
    for (const pid of childrenOf(running.process.pid as number, 'trainer.js')) process.kill(pid, 'SIGKILL')
    const { code, json } = await running.ended
    expect([code, json['error']]).toEqual([4, expect.objectContaining({ code: 'TRAINER_GONE' })])
    await expectIntact(project)
  }, 180_000)

  it('the engine: the command ends, no trainer is left over, the project is intact', async () => {
    const { project, running } = await trainingProject()
    const trainers = childrenOf(running.process.pid as number, 'trainer.js')
    for (const pid of childrenOf(running.process.pid as number, 'engine.js')) process.kill(pid, 'SIGKILL')
    const { code, json } = await running.ended
    expect([code, json['error']]).toEqual([4, expect.objectContaining({ code: 'ENGINE_GONE' })])
    await vi.waitFor(() => expect(trainers.some(isAlive)).toBe(false), { timeout: 10_000, interval: 100 })
    await expectIntact(project)
  }, 180_000)

  it('the program itself: engine and trainer end by themselves, the project is intact', async () => {
    const { project, running } = await trainingProject()
    const pid = running.process.pid as number
    const children = [...childrenOf(pid, 'engine.js'), ...childrenOf(pid, 'trainer.js')]
    expect(children).toHaveLength(2)
    running.process.kill('SIGKILL')
    await vi.waitFor(() => expect(children.some(isAlive)).toBe(false), { timeout: 10_000, interval: 100 })
    await expectIntact(project)
  }, 180_000)

  it('Ctrl+C is a cancel: exit 130, the run is marked cancelled', async () => {
    const { project, running } = await trainingProject()
    running.process.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    const opened = openProject(project)
    expect(opened.runs.list()[0]?.state).toBe('cancelled')
    opened.close()
  }, 180_000)
})
