// Latents as a list, as a card with all evidence, as activations over cells.
import type { GroupLink, LatentCard, LatentRow, TermLink, TopGroup } from '@contract'
import { refuse } from '../../base/refusal'
import { familyFlags, familyGenes, fewestFlagged, type LatentFlag } from '../../science/latent-flags'
import { nearestRows } from '../../science/similarity'
import type { Engine } from '../engine'
import type { StoredColumn } from '../store/dataset'
import type { NamedGeneLink, StoredLinking, StoredTermLink } from '../store/linkings'
import type { StoredLatent } from '../store/runs'
import type { HandlersFor } from './handlers'
import { anyLinking, finishedRun, termName } from './run-choice'

const genesInRow = 3
const similarShown = 8
const denseShare = 0.5

export const latentHandlers: HandlersFor<'latents.list' | 'latents.card' | 'latents.activation' | 'latents.rename'> = {
  'latents.list': ({ run, aspect }, engine) => listLatents(engine, finishedRun(engine, run), aspect),
  'latents.card': ({ run, latent, aspect }, engine) => {
    const found = findLatent(engine, finishedRun(engine, run), latent)
    const linking = engine.project.linkings.latest(run, aspect)
    const genes = linking ?? anyLinking(engine, run)
    const study = linking && engine.project.linkings.study(linking.id, latent)
    const links = genes ? engine.project.linkings.genesOf(genes.id, latent) : []
    const evidence = evidenceOf(found, engine.project.runs.flagsOfLatent(run, latent), links.map(symbolOf))
    const card: LatentCard = {
      id: latent,
      label: found.label,
      activeCells: found.activeCells,
      density: found.density,
      flags: flagsOf(found, evidence),
      flagEvidence: evidence.map(({ flag, source, value }) => ({ flag, source, value })),
      topGenes: links.map((link) => ({
        gene: link.name,
        auroc: link.auroc,
        log2Difference: link.log2Difference,
        detectedActive: link.detectedActive,
        detectedReference: link.detectedReference,
      })),
      terms: linking
        ? engine.project.linkings
            .termsOf(linking.id, latent)
            .map((term) => termLink(engine, linking, term, study?.studySize ?? 0))
        : [],
      groups: groupLinks(engine, run, latent),
      similar: nearestRows(engine.project.runs.decoder(run), engine.dataset.dims, latent, similarShown).map(
        ({ row, cosine }) => ({ id: row, cosine }),
      ),
      linking: linking && {
        aspect,
        background: linking.backgroundKind,
        backgroundSize: linking.backgroundSize,
        studySize: study?.studySize ?? 0,
        testedLatents: linking.testedLatents,
        testedTerms: linking.testedTerms,
        shuffled: { copies: linking.shuffledCopies, withTerm: linking.shuffledWithTerm },
        tooFew: study?.notTested ?? null,
        source: engine.project.linkingSources.of(linking.id),
      },
    }
    return card
  },
  'latents.activation': ({ run, latent }, engine) => {
    findLatent(engine, finishedRun(engine, run), latent)
    const { indices, values } = engine.project.runs.activationOf(run, latent)
    return { cells: indices, values }
  },
  'latents.rename': ({ run, latent, label }, engine) => {
    findLatent(engine, finishedRun(engine, run), latent)
    engine.writableProject.runs.rename(run, latent, label)
    return {}
  },
}

export function findLatent(engine: Engine, run: number, latent: number): StoredLatent {
  const found = engine.project.runs.latent(run, latent)
  if (found) return found
  return refuse('LATENT_NOT_FOUND', { run, latent, last: (engine.project.runs.get(run)?.settings.latents ?? 1) - 1 })
}

export function listLatents(engine: Engine, run: number, aspect: 'BP' | 'MF' | 'CC'): LatentRow[] {
  const { runs, linkings } = engine.project
  const linking = linkings.latest(run, aspect)
  const terms = new Map(linking ? linkings.bestTerms(linking.id).map((term) => [term.latent, term]) : [])
  const genes = new Map<number, NamedGeneLink[]>()
  const geneLinking = linking ?? anyLinking(engine, run)
  if (geneLinking) {
    for (const link of linkings.allGenes(geneLinking.id)) {
      if (link.rank >= familyGenes) continue
      const known = genes.get(link.latent)
      if (known) known.push(link)
      else genes.set(link.latent, [link])
    }
  }
  const flags = new Map<number, LatentFlag[]>()
  for (const flag of runs.flags(run)) flags.set(flag.latent, [...(flags.get(flag.latent) ?? []), flag])
  const groups = topGroups(engine, run)
  return runs.latents(run).map((latent) => {
    const term = terms.get(latent.id)
    const best = genes.get(latent.id) ?? []
    return {
      id: latent.id,
      label: latent.label,
      density: latent.density,
      activeCells: latent.activeCells,
      topGroup: groups.get(latent.id) ?? null,
      topTerm: term
        ? { id: term.termId, name: termName(engine, term.termId), qLatent: term.qLatent, qOverall: term.qOverall }
        : null,
      topGenes: best.slice(0, genesInRow).map((link) => link.name),
      stability: null,
      flags: flagsOf(latent, evidenceOf(latent, flags.get(latent.id) ?? [], best.map(symbolOf))),
    }
  })
}

/** The best group of the cell-type column, or of every categorical column when no role is assigned. */
function topGroups(engine: Engine, run: number): Map<number, TopGroup> {
  const categories = engine.project.dataset.columns().filter((column) => column.kind === 'category')
  const typed = categories.filter((column) => column.role === 'cell-type')
  const best = new Map<number, TopGroup>()
  for (const column of typed.length > 0 ? typed : categories) {
    for (const group of engine.project.runs.groupsOfColumn(run, column.id)) {
      const known = best.get(group.latent)
      if (group.auroc === null || (known && known.auroc >= group.auroc)) continue
      best.set(group.latent, { column: column.name, value: column.levels[group.level] ?? '', auroc: group.auroc })
    }
  }
  return best
}

function groupLinks(engine: Engine, run: number, latent: number): GroupLink[] {
  const columns = new Map<number, StoredColumn>(engine.project.dataset.columns().map((column) => [column.id, column]))
  return engine.project.runs.groupsOfLatent(run, latent).flatMap((group) => {
    const column = columns.get(group.columnId)
    if (!column) return []
    const { auroc, precision, recall, f1 } = group
    return [{ column: column.name, value: column.levels[group.level] ?? '', auroc, precision, recall, f1 }]
  })
}

const symbolOf = (link: NamedGeneLink): string => link.symbol ?? link.name

/** What the run stored and what the best genes of its linking say. */
const evidenceOf = (latent: StoredLatent, stored: readonly LatentFlag[], genes: readonly string[]): LatentFlag[] =>
  latent.activeCells < fewestFlagged ? [] : [...stored, ...familyFlags(genes)]

function flagsOf(latent: StoredLatent, evidence: readonly LatentFlag[]): string[] {
  if (latent.activeCells === 0) return ['dead']
  if (latent.activeCells < fewestFlagged) return ['rare']
  return [...(latent.density > denseShare ? ['dense'] : []), ...evidence.map(({ flag }) => flag)]
}

function termLink(engine: Engine, linking: StoredLinking, term: StoredTermLink, studySize: number): TermLink {
  return {
    id: term.termId,
    name: termName(engine, term.termId),
    overlap: term.overlap,
    termSize: term.termSize,
    studySize,
    backgroundSize: linking.backgroundSize,
    pValue: term.pValue,
    qLatent: term.qLatent,
    qOverall: term.qOverall,
    genes: [...term.genes],
  }
}
