// Everything a trainer process does besides training: measuring given models, matching dictionaries, more controls.
import type { RunControls } from '@contract'
import type { ControlsWork, TrainerWork, WorkOutcome } from '../base/trainer-work'
import type { Backend } from './backend'
import { plainMath, type DenseMath } from './dense-math'
import type { Pause } from './encode'
import { preparedRows, rawRows } from './given-model'
import { icaControl } from './independent-components'
import { matchDictionaries, shareLatents } from './match-dictionaries'
import { measureModel } from './measure-model'
import { nmfControl } from './non-negative-parts'
import { readInput } from './scratch-files'
import { nativeMath } from './native-math'
import { pauseFor, type TrainerHost } from './run'
import { measureRows } from './standardise'

/** Does one piece of work; throws a Refusal when it cannot, CANCELLED included. */
export async function doWork(work: TrainerWork, backend: Backend, host: TrainerHost): Promise<WorkOutcome> {
  const math = backend.binding ? nativeMath(backend.binding) : plainMath()
  const pause = pauseFor(host)
  const startedAt = performance.now()
  switch (work.kind) {
    case 'measure': {
      const measured = await measureModel(work, math, pause)
      return { ...measured, seconds: (performance.now() - startedAt) / 1e3, backend: backend.info }
    }
    case 'match':
      return matchDictionaries(work, math, pause)
    case 'consensus': {
      const members = await shareLatents(work, math, pause)
      return { kind: 'consensus', templates: members.length / work.latents.length }
    }
    case 'controls':
      return { kind: 'controls', controls: await moreControls(work, math, pause) }
  }
}

async function moreControls(work: ControlsWork, math: DenseMath, pause: Pause): Promise<Pick<RunControls, 'ica' | 'nmf'>> {
  const input = readInput(work)
  const rows = preparedRows(work, input, measureRows(rawRows(work, input), input.train, 'scale', math))
  const isHeldOut = new Uint8Array(work.rows)
  for (const row of input.heldOut) isHeldOut[row] = 1
  const controls: Pick<RunControls, 'ica' | 'nmf'> = {}
  if (work.wanted.includes('ica')) controls.ica = await icaControl(math, rows, isHeldOut, input.train, work.k, work.seed, pause)
  if (work.wanted.includes('nmf')) controls.nmf = await nmfControl(math, rows, isHeldOut, input.train, work.k, work.seed, pause)
  return controls
}
