// What a run would take, found out by a trial: a trainer of its own trains for two seconds on the first cells.
import { rmSync } from 'node:fs'
import type { RunEstimate, TrainRequest } from '@contract'
import { refuse } from '../../base/refusal'
import { firingsNeeded } from '../../science/training-advice'
import type { Engine } from '../engine'
import { makeScratch } from './checkpoint-folders'
import { storingSeconds, writeInput } from './trainer-files'
import { runTrial } from './trainer-wire'
import { adviseRun, settingsFor } from './training'
import { assertRoom, inWords, needsOf, usableMemory } from './training-room'

const trialSeconds = 2
/** Enough for two batches of the usual sizes and four blocks of measuring. */
const trialRows = 4096
/** Trainers answer to the number of their run; no run has this one. */
const trialRun = 0
/** A trainer starting up: process, library, memory. */
const startSeconds = 1.5
const hourSeconds = 3600
/** Of the computer's memory; above it other programs suffer. */
const comfortableShare = 0.7

/** Refuses with NOT_ENOUGH_MEMORY or NOT_ENOUGH_DISK before anything is tried. */
export async function estimateRun(engine: Engine, request: TrainRequest): Promise<RunEstimate> {
  const { rows, dims } = engine.dataset
  const { settings } = settingsFor(engine, request)
  const { firingsPerLatent, reasons } = adviseRun(engine, request)
  const needs = needsOf(engine, settings)
  assertRoom(engine, settings, needs)
  if (engine.trainers.has(trialRun)) refuse('BUSY', { what: 'Another estimate' })
  const count = Math.min(rows, trialRows)
  const split = { train: Uint32Array.from({ length: count }, (_, row) => row), heldOut: new Uint32Array(0) }
  const scratch = makeScratch(engine.folders.cache, trialRun)
  try {
    await writeInput(engine.project, scratch, { rows: count, dims }, split, async () => {})
    const spec = { run: trialRun, scratch, rows: count, dims, settings, streamRows: false, checkpoints: null, finish: false }
    const trial = await runTrial(engine, spec, trialSeconds)
    const seconds =
      startSeconds +
      (trial.preparingSeconds * rows * dims) / 1e6 +
      trial.secondsPerStep * settings.steps +
      trial.secondsPerBlock * Math.ceil(rows / 1024) +
      trial.secondsForChecks +
      storingSeconds(rows, settings)
    const diskBytes = needs.cacheBytes + needs.projectBytes
    return {
      seconds,
      memoryBytes: needs.memoryBytes,
      diskBytes,
      projectBytes: needs.projectBytes,
      firingsPerLatent,
      advice: adviceOf(seconds, needs.memoryBytes, firingsPerLatent, reasons),
      settings,
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function adviceOf(
  seconds: number,
  memoryBytes: number,
  firingsPerLatent: number,
  reasons: readonly { readonly setting: string; readonly why: string }[],
): string[] {
  const advice: string[] = []
  // The advice on settings ends with a sentence about firings when there are too few.
  const last = reasons.at(-1)
  if (firingsPerLatent < firingsNeeded && last) advice.push(last.why)
  if (seconds > hourSeconds)
    advice.push(
      `This takes about ${(seconds / hourSeconds).toFixed(1)} hours. It can be paused and continued, and goes on after the program was closed.`,
    )
  if (memoryBytes > comfortableShare * usableMemory())
    advice.push(
      `It needs ${inWords(memoryBytes)} of the ${inWords(usableMemory())} of memory here: close other programs while it runs.`,
    )
  return advice
}
