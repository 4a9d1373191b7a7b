// The cache folders of trainings: `scratch`, which belongs to one process, and `checkpoints`, one folder per run, named by
// a token that only the run's row in its project knows. They survive the program, and nothing in a project depends on
// them: a run whose checkpoints are gone starts over and ends in the same bytes.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointSteps } from '../../base/checkpoint-names'

const tokenPattern = /^[0-9a-f]{32}$/
/** Checkpoints nobody went on from for this long are removed. */
const keptDays = 60

export function checkpointFolder(cache: string, token: string): string {
  // The token comes out of a project file, which may be a stranger's.
  if (!tokenPattern.test(token)) throw new Error('this is not the token of a run')
  return join(cache, 'checkpoints', token)
}

/** The step of the newest checkpoint; 0 without one. */
export function resumeStepIn(cache: string, token: string | null): number {
  return token !== null && tokenPattern.test(token) ? (checkpointSteps(checkpointFolder(cache, token)).at(-1) ?? 0) : 0
}

export function removeCheckpoints(cache: string, token: string): void {
  rmSync(checkpointFolder(cache, token), { recursive: true, force: true })
}

/** A new folder for the files of one run, named by the process that owns it. */
export function makeScratch(cache: string, run: number): string {
  const folder = join(cache, 'scratch', `${process.pid}-${run}-${Date.now()}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Removes scratch folders of processes that are gone and checkpoints older than 60 days. Never throws. */
export function sweepCache(cache: string, now: number): void {
  for (const name of namesIn(join(cache, 'scratch'))) {
    const owner = Number(/^(\d+)-\d+-\d+$/.exec(name)?.[1])
    if (owner > 0 && !isAlive(owner)) remove(join(cache, 'scratch', name))
  }
  for (const name of namesIn(join(cache, 'checkpoints'))) {
    const folder = join(cache, 'checkpoints', name)
    if (tokenPattern.test(name) && now - changedAt(folder) > keptDays * 86_400_000) remove(folder)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** When a checkpoint was last written; now when that cannot be told, so that nothing is removed by mistake. */
function changedAt(folder: string): number {
  try {
    return statSync(folder).mtimeMs
  } catch {
    return Date.now()
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // Another process still has it open: the next sweep takes it.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}
