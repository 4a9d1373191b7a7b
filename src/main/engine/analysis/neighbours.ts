// Latents that are like one another: in the direction of their decoder rows, in the cells they are on in, in the terms they carry.
import type { ModuleReport, SimilarLatent } from '@contract'
import type { Csr } from '../../base/sparse'
import { countTogether, findCoActive, jaccardOf, phiOf } from '../../science/co-activation'
import { findModules, type Module } from '../../science/modules'
import { nearestRows } from '../../science/similarity'
import type { Engine } from '../engine'
import type { StoredLinking } from '../store/linkings'
import { ubiquitousTerms } from './labels'

/** So many of the most alike by each measure. */
const shownPerMeasure = 12
const fewestActive = 20
/** Pairs under this phi are left out of the search for modules and count as 0. */
const leastPairPhi = 0.05
const leastModulePhi = 0.2
const mostPairs = 500_000_000
const termsShown = 5

interface Scope {
  readonly run: number
  /** Where terms come from; null without any. */
  readonly linking: StoredLinking | null
}

/** Significant terms of every latent, with their names; ubiquitous ones left out. */
function termsByLatent(engine: Engine, linking: StoredLinking | null): Map<number, Map<string, string>> | null {
  if (!linking) return null
  const common = ubiquitousTerms(engine, linking)
  const found = new Map<number, Map<string, string>>()
  for (const { latent, termId } of engine.project.linkings.significantTerms(linking.id)) {
    if (common.has(termId)) continue
    const own = found.get(latent) ?? new Map<string, string>()
    found.set(latent, own.set(termId, engine.ontology.term(termId)?.name ?? termId))
  }
  return found
}

/** The most alike by cosine, by Jaccard of cells, and by Jaccard of terms: the union of the three, by cosine. */
export function similarLatents(engine: Engine, { run, linking }: Scope, latent: number): SimilarLatent[] {
  const { runs } = engine.project
  const stored = runs.latents(run)
  const cosines = new Map(
    nearestRows(runs.decoder(run), runs.dims(run), latent, stored.length).map(({ row, cosine }) => [row, cosine]),
  )
  const together = countTogether(runs.activations(run), runs.byLatent(run), latent)
  const terms = termsByLatent(engine, linking)
  const first = stored[latent]?.activeCells ?? 0
  const all = stored
    .filter(({ id }) => id !== latent)
    .map(({ id, label, activeCells }): SimilarLatent => {
      const overlap = { first, second: activeCells, both: together[id] ?? 0, cells: engine.dataset.rows }
      return {
        id,
        label,
        cosine: cosines.get(id) ?? null,
        both: overlap.both,
        jaccard: defined(jaccardOf(overlap)),
        phi: defined(phiOf(overlap)),
        terms: terms && sharedTerms(terms.get(latent), terms.get(id)),
      }
    })
  const measures: readonly ((one: SimilarLatent) => number)[] = [
    (one) => one.cosine ?? -2,
    (one) => one.jaccard ?? 0,
    (one) => one.terms?.jaccard ?? 0,
  ]
  const best = new Set(
    measures.flatMap((measure) =>
      all
        .filter((one) => measure(one) > 0)
        .sort((a, b) => measure(b) - measure(a) || a.id - b.id)
        .slice(0, shownPerMeasure),
    ),
  )
  return [...best].sort((a, b) => (b.cosine ?? -2) - (a.cosine ?? -2) || a.id - b.id)
}

const defined = (value: number): number | null => (Number.isFinite(value) ? value : null)

function sharedTerms(
  own: ReadonlyMap<string, string> = new Map<string, string>(),
  other: ReadonlyMap<string, string> = new Map<string, string>(),
): SimilarLatent['terms'] {
  const shared = [...own].filter(([id]) => other.has(id))
  return {
    shared: shared.slice(0, termsShown).map(([id, name]) => ({ id, name })),
    jaccard: defined(shared.length / (own.size + other.size - shared.length)),
  }
}

/** Latents that are on in the same cells, as groups. */
export async function findModulesOfRun(engine: Engine, { run, linking }: Scope): Promise<ModuleReport> {
  const { runs } = engine.project
  const activations = runs.activations(run)
  // Read before the first breath: the project may be closed in between.
  const labels = runs.latents(run).map((latent) => latent.label)
  const terms = termsByLatent(engine, linking)
  const rule = { fewestCells: fewestActive, leastPhi: leastPairPhi, mostPairs }
  const steps = findCoActive(activations, runs.byLatent(run), rule)
  let next = steps.next()
  while (!next.done) {
    await new Promise((resolve) => setImmediate(resolve))
    next = steps.next()
  }
  const pairs = next.value
  const modules = findModules(activations.columns, pairs, leastModulePhi)
  const cells = cellsOfModules(activations, modules)
  return {
    modules: modules.map((module, at) => ({
      latents: module.members.map((id, rank) => ({ id, label: labels[id] ?? null, phi: module.typical[rank] as number })),
      cohesion: module.cohesion,
      cells: cells[at] as number,
      terms: terms ? commonTerms(module, terms) : [],
    })),
    compared: pairs.compared.length,
    alone: pairs.compared.length - modules.reduce((sum, module) => sum + module.members.length, 0),
    cells: pairs.cells,
    of: activations.rows,
    note: `Features are joined, the most alike first, while those of two groups are on in the same cells with a mean phi of ${leastModulePhi} or more; phi below ${leastPairPhi} counts as 0. Features on in fewer than ${fewestActive} cells are left out.`,
  }
}

/** Cells in which at least half of a module's latents are on. */
function cellsOfModules({ rows, columns, indptr, indices }: Csr, modules: readonly Module[]): Uint32Array {
  const moduleOf = new Int32Array(columns).fill(-1)
  modules.forEach(({ members }, at) => members.forEach((member) => (moduleOf[member] = at)))
  const found = new Uint32Array(modules.length)
  const on = new Uint32Array(modules.length)
  for (let cell = 0; cell < rows; cell++) {
    const [from, to] = [indptr[cell] as number, indptr[cell + 1] as number]
    for (let at = from; at < to; at++) {
      const own = moduleOf[indices[at] as number] as number
      if (own < 0) continue
      const count = ((on[own] as number) += 1)
      // Counted once, when the half is reached.
      if (count === Math.ceil((modules[own]?.members.length ?? 0) / 2)) found[own] = (found[own] as number) + 1
    }
    for (let at = from; at < to; at++) {
      const own = moduleOf[indices[at] as number] as number
      if (own >= 0) on[own] = 0
    }
  }
  return found
}

function commonTerms(
  { members }: Module,
  terms: ReadonlyMap<number, ReadonlyMap<string, string>>,
): ModuleReport['modules'][number]['terms'] {
  const counts = new Map<string, { name: string; latents: number }>()
  for (const member of members)
    for (const [id, name] of terms.get(member) ?? []) {
      const known = counts.get(id)
      if (known) known.latents++
      else counts.set(id, { name, latents: 1 })
    }
  return [...counts]
    .filter(([, { latents }]) => latents >= Math.max(2, members.length / 2))
    .sort(([a, one], [b, other]) => other.latents - one.latents || (a < b ? -1 : 1))
    .slice(0, termsShown)
    .map(([id, found]) => ({ id, ...found }))
}
