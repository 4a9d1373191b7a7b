// Trains with the command line while its processes are killed at random moments, each time going on afterwards.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Run } from '@contract'
import { seededRandom, type SeededRandom } from '../../src/main/base/random'
import { resumeStepIn } from '../../src/main/engine/analysis/checkpoint-folders'
import { openProject } from '../../src/main/engine/project/project'
import { cliAnswer, sampleFile, startCli, type RunningCli } from '../run-cli'
import { runPrint } from '../run-print'
import { temporaryFolder } from '../temporary-folder'

/** Process numbers of a process's children whose command names `part`. */
export function childrenOf(pid: number, part: string): number[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return list.split('\n').flatMap((line) => {
    const [child, parent] = line.trim().split(/\s+/).map(Number)
    return parent === pid && line.includes(part) && child !== undefined ? [child] : []
  })
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A project with the sample's cells. */
export async function sampleProject(): Promise<string> {
  const project = join(temporaryFolder(), 'p.latiscope')
  await cliAnswer('new', project)
  await cliAnswer('import', project, sampleFile, '--representation', 'obsm/X_pca')
  return project
}

/** Opens the project as the engine does; helpers of a killed command may need a moment to let go of it. */
export async function runsOf(file: string, cache: string): Promise<Run[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      const project = openProject(file, (token) => resumeStepIn(cache, token))
      const runs = project.runs.list()
      project.close()
      return runs
    } catch (thrown) {
      if (attempt === 5 || !String(thrown).includes('FILE_LOCKED')) throw thrown
    }
  }
}

const kinds = ['trainer', 'engine', 'command', 'all'] as const

/** Kills one process of a command or all of them. */
function killSome(running: RunningCli, kind: (typeof kinds)[number]): void {
  const pid = running.process.pid as number
  const helpers = { trainer: childrenOf(pid, 'trainer.js'), engine: childrenOf(pid, 'engine.js') }
  const chosen = kind === 'all' ? [pid, ...helpers.engine, ...helpers.trainer] : kind === 'command' ? [pid] : helpers[kind]
  for (const one of chosen) {
    try {
      process.kill(one, 'SIGKILL')
    } catch {
      // It ended by itself in this moment.
    }
  }
}

/**
 * Kills `kills` times and lets every run come to its end in between or afterwards. All runs have the same settings, so all
 * must end in the bytes of a run that nobody disturbed. Answers how many runs came to their end, and how often one went on
 * from a checkpoint.
 */
export async function killAndGoOn(
  kills: number,
  words: readonly string[],
  seed: number,
): Promise<{ runs: number; wentOn: number }> {
  const random = seededRandom(seed)
  const cache = temporaryFolder()
  process.env['LATISCOPE_CACHE'] = cache
  const project = await sampleProject()
  await cliAnswer('train', project, ...words)
  const expected = runPrint(project, 1)
  let killed = 0
  let wentOn = 0
  for (;;) {
    const runs = await runsOf(project, cache)
    expect(runs.map((run) => run.state)).not.toContain('training')
    const unfinished = runs.find((run) => run.state !== 'done')
    if (unfinished === undefined && killed >= kills) {
      for (const { id } of runs) expect(runPrint(project, id), `run ${id} of ${runs.length}`).toBe(expected)
      return { runs: runs.length - 1, wentOn }
    }
    if ((unfinished?.resumeStep ?? 0) > 0) wentOn++
    const next = unfinished ? ['train', project, '--resume', String(unfinished.id)] : ['train', project, ...words]
    if (killed >= kills) await cliAnswer(...next)
    else if (await disturb(startCli(...next), random)) killed++
  }
}

/** Kills while the command starts, trains, or measures and stores; false when it was done before. */
async function disturb(running: RunningCli, random: SeededRandom): Promise<boolean> {
  let [disturbed, isOver] = [false, false]
  const kind = kinds[random.below(kinds.length)] as (typeof kinds)[number]
  const moment = random.uniform()
  const delay = random.uniform() * (moment < 0.15 ? 800 : moment < 0.75 ? 150 : 500)
  const share = moment < 0.15 ? null : moment < 0.75 ? random.uniform() : 1
  void running.ended.then(() => (isOver = true))
  const kill = async (): Promise<void> => {
    while (share !== null && !isOver && shareDone(running.stderr()) < share) await pauseFor(10)
    await pauseFor(delay)
    if (isOver) return
    disturbed = true
    killSome(running, kind)
  }
  await Promise.all([kill(), running.ended])
  return disturbed
}

/** How far the training has come, as the last progress line tells; −1 before there is one. */
function shareDone(stderr: string): number {
  const [, step, of] = /"step":(\d+),"of":(\d+)[^\n]*\n[^\n]*$/.exec(stderr) ?? []
  return step === undefined ? -1 : Number(step) / Number(of)
}

const pauseFor = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
