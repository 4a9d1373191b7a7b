// Latents by the cells a user chose, and latents that are like another one.
import type { HandlersFor } from './handlers'
import { findByCells } from '../analysis/chosen-cells'
import { findModulesOfRun, similarLatents } from '../analysis/neighbours'
import { findLatent } from './latent-handlers'
import { chosenLinking, finishedRun } from './run-choice'

export const neighbourHandlers: HandlersFor<'find.cells' | 'latents.similar' | 'latents.modules'> = {
  'find.cells': ({ run, cells, file }, engine) => findByCells(engine, finishedRun(engine, run), { cells, file: file ?? null }),
  'latents.similar': ({ run, latent, aspect, linking }, engine) => {
    findLatent(engine, finishedRun(engine, run), latent)
    return similarLatents(engine, { run, linking: chosenLinking(engine, run, aspect, linking) }, latent)
  },
  'latents.modules': ({ run, aspect, linking }, engine) =>
    findModulesOfRun(engine, { run: finishedRun(engine, run), linking: chosenLinking(engine, run, aspect, linking) }),
}
