// Which cells a run is trained on and which it never sees.
import type { TrainSettings } from '@contract'
import { seededRandom } from '../../base/random'
import { refuse } from '../../base/refusal'
import { chooseHeldOut } from '../../science/held-out'
import { heldOutTarget } from '../../science/training-advice'
import type { Engine } from '../engine'
import type { Split } from '../store/runs'

const heldOutStream = 7

/** Draws the held-out cells of a new run; `by` names the column of the donors that are held out whole. */
export function drawSplit(engine: Engine, settings: TrainSettings): { readonly split: Split; readonly by: string | null } {
  const { rows } = engine.dataset
  const { dataset } = engine.project
  const donors = dataset.columns().find((column) => column.role === 'donor' && column.kind === 'category')
  const split = chooseHeldOut(
    rows,
    heldOutTarget(rows, settings.heldOut),
    donors ? dataset.codes(donors) : null,
    seededRandom(settings.splitSeed ?? settings.seed, heldOutStream),
  )
  return { split, by: split.byGroup && donors ? donors.name : null }
}

/** The cells of a run as they were when it began; drawn again for runs stored before that was kept. */
export function splitOfRun(engine: Engine, run: number): Split {
  const { runs } = engine.project
  const heldOut = runs.heldOut(run)
  if (!heldOut) return drawSplit(engine, (runs.get(run) ?? refuse('RUN_NOT_FOUND', { run })).settings).split
  const { rows } = engine.dataset
  const isHeldOut = new Uint8Array(rows)
  for (const row of heldOut) isHeldOut[row] = 1
  const train = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => isHeldOut[row] === 0)
  return { train, heldOut }
}
