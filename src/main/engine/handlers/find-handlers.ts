// From a word to genes, terms, cell groups and latents, and from one of those to the latents that carry it.
import type { Aspect, Match, SearchHit } from '@contract'
import { refuse } from '../../base/refusal'
import type { Engine } from '../engine'
import { findGene } from './data-handlers'
import type { HandlersFor } from './handlers'
import { isBuiltIn, linkingsByRank, standingLinkings, termIdIn } from './linking-choices'
import { anyLinking, chosenLinking, finishedRun, linkingFor } from './run-choice'

const hitsPerKind = 8
/** Names that match are looked at this far before the ones with evidence are chosen. */
const termsConsidered = 400

export const findHandlers: HandlersFor<'find.search' | 'find.latents'> = {
  'find.search': ({ run, text }, engine) => {
    const words = text.trim()
    if (words === '') return []
    return [
      ...latentHits(engine, run, words),
      ...groupHits(engine, words),
      ...geneHits(engine, words),
      ...termHits(engine, run, words),
    ]
  },
  'find.latents': ({ run, by, key, aspect, linking }, engine) => {
    const chosen = finishedRun(engine, run)
    const labels = new Map(engine.project.runs.latents(chosen).map((latent) => [latent.id, latent.label]))
    const matches =
      by === 'term'
        ? byTerm(engine, chosen, key, { aspect, linking })
        : by === 'gene'
          ? byGene(engine, chosen, key, linking)
          : byGroup(engine, chosen, key)
    return matches.map((match) => ({ ...match, label: labels.get(match.id) ?? null }))
  },
}

type Unlabelled = Omit<Match, 'label'>

interface Result {
  readonly aspect: Aspect | null
  readonly linking?: number | null | undefined
}

function byTerm(engine: Engine, run: number, key: string, { aspect, linking: asked }: Result): Unlabelled[] {
  const candidates = asked == null ? linkingsByRank(engine, run, aspect) : [linkingFor(engine, run, aspect ?? 'BP', asked)]
  for (const linking of candidates) {
    const id = termIdIn(engine, linking, key)
    if (id !== null) return carriersIn(engine, linking.id, id)
  }
  const term = engine.ontology.term(key) ?? engine.ontology.searchTerms(key, 1)[0]
  if (!term) return refuse('NOTHING_FOUND', { what: `the term ${key}` })
  const near = candidates.find((each) => isBuiltIn(engine, each) && each.aspect === (aspect ?? term.aspect))
  const linking = near ?? linkingFor(engine, run, aspect ?? term.aspect, asked)
  return carriersIn(engine, linking.id, term.id)
}

const carriersIn = (engine: Engine, linking: number, term: string): Unlabelled[] =>
  engine.project.linkings
    .byTerm(linking, term)
    .filter((link) => link.overlap > 0)
    .map((link) => ({ id: link.latent, overlap: link.overlap, qLatent: link.qLatent, qOverall: link.qOverall }))

function byGene(engine: Engine, run: number, key: string, asked: number | null | undefined): Unlabelled[] {
  const gene = findGene(engine, key)
  const linking = (asked ? chosenLinking(engine, run, 'BP', asked) : anyLinking(engine, run)) ?? refuse('NOT_LINKED', { run })
  return engine.project.linkings
    .byGene(linking.id, gene.position)
    .map((link) => ({ id: link.latent, auroc: link.auroc, rank: link.rank + 1 }))
}

function byGroup(engine: Engine, run: number, key: string): Unlabelled[] {
  const at = key.indexOf('=')
  const name = key.slice(0, at)
  const value = key.slice(at + 1)
  const column = engine.project.dataset.columns().find((each) => each.name === name && each.kind === 'category')
  const level = column?.levels.indexOf(value) ?? -1
  if (at < 1 || !column || level < 0) refuse('NOTHING_FOUND', { what: `the cell group ${key}` })
  return engine.project.runs
    .groupsOfColumn(run, column.id)
    .filter((group) => group.level === level && group.auroc !== null)
    .sort((a, b) => (b.auroc as number) - (a.auroc as number))
    .map(({ latent, auroc, precision, recall, f1 }) => ({ id: latent, auroc: auroc as number, precision, recall, f1 }))
}

function latentHits(engine: Engine, run: number | null, words: string): SearchHit[] {
  if (run === null || engine.project.runs.get(run)?.state !== 'done') return []
  const wanted = words.toLowerCase()
  return engine.project.runs
    .latents(run)
    .filter((latent) => `f${latent.id}` === wanted || latent.label?.toLowerCase().includes(wanted))
    .slice(0, hitsPerKind)
    .map((latent) => ({ kind: 'latent', key: String(latent.id), title: latent.label ?? `F${latent.id}`, note: `F${latent.id}` }))
}

function groupHits(engine: Engine, words: string): SearchHit[] {
  const wanted = words.toLowerCase()
  return engine.project.dataset
    .columns()
    .filter((column) => column.kind === 'category')
    .flatMap((column) => column.levels.map((value) => ({ column: column.name, value })))
    .filter(({ value }) => value.toLowerCase().includes(wanted))
    .slice(0, hitsPerKind)
    .map(({ column, value }) => ({ kind: 'group', key: `${column}=${value}`, title: value, note: column }))
}

function geneHits(engine: Engine, words: string): SearchHit[] {
  const store = engine.project.dataset
  const direct = store.genesStartingWith(words, hitsPerKind)
  const resolved = engine.projectTable.find(words)
  const byOtherName = resolved === null ? null : store.findOntologyGene(resolved)
  const genes = byOtherName && !direct.some((gene) => gene.position === byOtherName.position) ? [byOtherName, ...direct] : direct
  return genes.map((gene) => ({
    kind: 'gene',
    key: gene.name,
    title: gene.name,
    note:
      gene === byOtherName && gene.name.toLowerCase() !== words.toLowerCase()
        ? `${words} is ${gene.name}`
        : `in ${gene.detectedCells} cells`,
  }))
}

/** Terms that features of the run carry come first, the best p on top; then the others by name. */
function termHits(engine: Engine, run: number | null, words: string): SearchHit[] {
  const named: { id: string; name: string; aspect?: string }[] = [
    ...engine.project.linkingSources.searchTerms(words, hitsPerKind),
    ...engine.ontology.searchTerms(words, termsConsidered),
  ].filter((term, at, all) => all.findIndex((other) => other.id === term.id) === at)
  const ids = named.map((term) => term.id)
  const carried = new Map(
    (run === null || engine.project.runs.get(run)?.state !== 'done' ? [] : standingLinkings(engine, run)).flatMap((linking) =>
      engine.project.linkings.carriersOf(linking.id, ids).map((carrier) => [carrier.termId, carrier]),
    ),
  )
  const byEvidence = named.toSorted((a, b) => (carried.get(a.id)?.best ?? 2) - (carried.get(b.id)?.best ?? 2))
  return byEvidence.slice(0, hitsPerKind).map((term) => {
    const features = carried.get(term.id)?.latents ?? 0
    const evidence = carried.size === 0 ? '' : ` · in ${features} ${features === 1 ? 'feature' : 'features'}`
    return {
      kind: 'term',
      key: term.id,
      title: term.name,
      note: `${term.id}${term.aspect ? ` · ${term.aspect}` : ''}${evidence}`,
    }
  })
}
