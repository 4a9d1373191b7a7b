// Linking and comparing with all genes, cancelled at many points: nothing is stored, and what is made afterwards is what would have been made.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latentCount, plantedProject, request, type PlantedProject } from './planted-project'

const folder = mkdtempSync(join(tmpdir(), 'latiscope-test-'))
let cancelled: PlantedProject
let undisturbed: PlantedProject
beforeAll(async () => {
  cancelled = await plantedProject(folder, 'cancelled')
  undisturbed = await plantedProject(folder, 'undisturbed')
})
afterAll(() => {
  for (const { engine } of [cancelled, undisturbed]) engine.closeProject()
  rmSync(folder, { recursive: true, force: true })
})

const kinds: [method: 'link.start' | 'associate.start', params: object][] = [
  ['link.start', { ...request, shuffles: 100 }],
  ['associate.start', { run: null }],
]

/** Cancels after so many turns of the event loop; whether the job was still going on then. */
async function cancelAfter(turns: number, [method, params]: (typeof kinds)[number]): Promise<boolean> {
  const { job } = (await cancelled.ask(method, params as never)) as { job: string }
  for (let at = 0; at < turns; at++) await turn()
  const goesOn = cancelled.engine.jobs.list().length > 0
  if (goesOn) await cancelled.ask('job.cancel', { job })
  while (cancelled.engine.jobs.list().length > 0) await turn()
  return goesOn
}
const stored = async () => ({
  linkings: await cancelled.ask('link.list', { run: cancelled.run }),
  cards: await cardsOf(cancelled),
})
const cardsOf = ({ ask, run }: PlantedProject) =>
  Promise.all(Array.from({ length: latentCount }, (_, latent) => ask('latents.card', { run, latent, aspect: 'BP' })))

describe.each(kinds)('%s cancelled on its way', (...kind) => {
  it('stores nothing, wherever it was', async () => {
    const before = await stored()
    let caught = 0
    for (const turns of [0, 1, 2, 3, 5, 8, 13, 21, 34]) {
      const wasGoingOn = await cancelAfter(turns, kind)
      if (!wasGoingOn) break
      caught++
      expect(await stored()).toEqual(before)
    }
    expect(caught).toBeGreaterThanOrEqual(4)
  })

  it('gives the same result afterwards as where nothing was cancelled', async () => {
    const [method, params] = kind
    const [after, never] = [await cancelled.finish(method, params), await undisturbed.finish(method, params)]
    expect(after).toEqual(never)
    expect(await cardsOf(cancelled)).toEqual(await cardsOf(undisturbed))
  })
})
