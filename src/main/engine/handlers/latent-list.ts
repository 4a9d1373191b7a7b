// The list of latents: one line each with its best group, term, genes, flags and label.
import type { Aspect, LatentRow, TopGroup } from '@contract'
import { familyFlags, familyGenes } from '../../science/gene-families'
import { fewestFlagged, type LatentFlag } from '../../science/latent-flags'
import { labelContext, labelFor } from '../analysis/labels'
import { termName } from '../analysis/term-names'
import type { Engine } from '../engine'
import type { NamedGeneLink, StoredLinking } from '../store/linkings'
import type { StoredGroup, StoredLatent } from '../store/runs'
import { anyLinking, chosenLinking } from './run-choice'

const genesInRow = 3
const denseShare = 0.5

/** Every latent of a finished run, by id. @param asked a stored linking instead of the shown one */
export function listLatents(engine: Engine, run: number, aspect: Aspect, asked?: number | null): LatentRow[] {
  const { runs, linkings } = engine.project
  const linking = chosenLinking(engine, run, aspect, asked)
  const terms = new Map(linking ? linkings.bestTerms(linking.id).map((term) => [term.latent, term]) : [])
  const significant = Map.groupBy(linking ? linkings.significantTerms(linking.id) : [], (term) => term.latent)
  const genes = bestGenes(engine, run, linking)
  const flags = Map.groupBy(runs.flags(run), (flag) => flag.latent)
  const breadth = Map.groupBy(runs.breadthOfRun(run), (one) => one.latent)
  const { top, typed } = topGroups(engine, run)
  const context = labelContext(engine, run, linking)
  const stability = engine.project.stability.stabilities(run)
  return runs.latents(run).map((latent) => {
    const term = terms.get(latent.id)
    const best = genes.get(latent.id) ?? []
    const evidence = evidenceOf(latent, flags.get(latent.id) ?? [], best.map(symbolOf))
    return {
      id: latent.id,
      label: latent.label,
      labelState: labelState(latent, context.decisions.get(latent.id)?.state),
      proposal: labelFor(engine, context, {
        latent,
        breadth: breadth.get(latent.id) ?? [],
        groups: typed.get(latent.id) ?? [],
        terms: significant.get(latent.id) ?? [],
        genes: best,
        flags: evidence,
      }),
      density: latent.density,
      activeCells: latent.activeCells,
      topGroup: top.get(latent.id) ?? null,
      topTerm: term
        ? { id: term.termId, name: termName(engine, term.termId), qLatent: term.qLatent, qOverall: term.qOverall }
        : null,
      topGenes: best.slice(0, genesInRow).map((link) => link.name),
      stability: stability.get(latent.id) ?? null,
      flags: flagsOf(latent, evidence),
    }
  })
}

/** Labels given before their history was kept count as edited. */
export const labelState = (latent: StoredLatent, state: LatentRow['labelState'] | undefined): LatentRow['labelState'] =>
  latent.label === null ? 'none' : state === undefined || state === 'none' ? 'edited' : state

function bestGenes(engine: Engine, run: number, chosen: StoredLinking | null): Map<number, NamedGeneLink[]> {
  const genes = new Map<number, NamedGeneLink[]>()
  const linking = chosen ?? anyLinking(engine, run)
  if (!linking) return genes
  for (const link of engine.project.linkings.bestGenes(linking.id, familyGenes)) {
    const known = genes.get(link.latent)
    if (known) known.push(link)
    else genes.set(link.latent, [link])
  }
  return genes
}

/** Smaller groups say too little to name a latent by: one or two cells decide their AUROC. */
const fewestInGroup = 20

/**
 * The best group of at least 20 cells (of any size where all are smaller) of the cell-type column, or of every categorical column when no role is assigned; and all groups
 * of that role.
 */
export function topGroups(engine: Engine, run: number): { top: Map<number, TopGroup>; typed: Map<number, StoredGroup[]> } {
  const categories = engine.project.dataset.columns().filter((column) => column.kind === 'category')
  const roles = categories.filter((column) => column.role === 'cell-type')
  const top = new Map<number, TopGroup>()
  const typed = new Map<number, StoredGroup[]>()
  for (const column of roles.length > 0 ? roles : categories) {
    const sizes = new Uint32Array(column.levels.length)
    for (const code of engine.project.dataset.codes(column)) if (code >= 0) sizes[code] = (sizes[code] as number) + 1
    const fewest = sizes.some((size) => size >= fewestInGroup) ? fewestInGroup : 0
    for (const group of engine.project.runs.groupsOfColumn(run, column.id)) {
      if (column.role === 'cell-type') {
        const own = typed.get(group.latent)
        if (own) own.push(group)
        else typed.set(group.latent, [group])
      }
      const known = top.get(group.latent)
      if (group.auroc === null || (sizes[group.level] as number) < fewest || (known && known.auroc >= group.auroc)) continue
      top.set(group.latent, { column: column.name, value: column.levels[group.level] ?? '', auroc: group.auroc })
    }
  }
  return { top, typed }
}

export const symbolOf = (link: NamedGeneLink): string => link.symbol ?? link.name

/** What the run stored and what the best genes of its linking say. */
export const evidenceOf = (latent: StoredLatent, stored: readonly LatentFlag[], genes: readonly string[]): LatentFlag[] =>
  latent.activeCells < fewestFlagged ? [] : [...stored, ...familyFlags(genes)]

export function flagsOf(latent: StoredLatent, evidence: readonly LatentFlag[]): string[] {
  if (latent.activeCells === 0) return ['dead']
  if (latent.activeCells < fewestFlagged) return ['rare']
  return [...(latent.density > denseShare ? ['dense'] : []), ...evidence.map(({ flag }) => flag)]
}
