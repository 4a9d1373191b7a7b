// The card of one latent: everything stored about it, read together.
import type { Aspect, Breadth, GeneLink, GroupLink, LatentCard, NumberLink, TermLink } from '@contract'
import { topGeneCount } from '../../science/link'
import { nearestRows } from '../../science/similarity'
import { donorsOf, labelContext, labelFor } from '../analysis/labels'
import { reportOf } from '../analysis/linking'
import { geneNote, rowNote } from '../analysis/link-words'
import { termName } from '../analysis/term-names'
import type { Engine } from '../engine'
import type { StoredColumn } from '../store/dataset'
import type { NamedGeneLink, StoredLinking, StoredStudy, StoredTermLink } from '../store/linkings'
import type { StoredLatent } from '../store/runs'
import { evidenceOf, flagsOf, labelState, symbolOf } from './latent-list'
import { isOutdated, linkingChoices } from './linking-choices'
import { anyLinking, chosenLinking } from './run-choice'

const similarShown = 8
const significantBelow = 0.05
const fewestShared = 3

/** What a card is asked for. */
export interface CardRequest {
  /** A finished run. */
  readonly run: number
  readonly aspect: Aspect
  /** A stored linking instead of the shown one. */
  readonly linking?: number | null | undefined
}

/** @param found one of the latents of the run */
export function readCard(engine: Engine, { run, aspect, linking: asked }: CardRequest, found: StoredLatent): LatentCard {
  const { runs, linkings } = engine.project
  const latent = found.id
  const linking = chosenLinking(engine, run, aspect, asked)
  const genes = linking ?? anyLinking(engine, run)
  const study = linking && linkings.study(linking.id, latent)
  const kept = genes ? linkings.genesOf(genes.id, latent) : []
  const links = kept.filter(({ rank }) => rank < topGeneCount)
  const terms = linking ? linkings.termsOf(linking.id, latent) : []
  const evidence = evidenceOf(found, runs.flagsOfLatent(run, latent), links.map(symbolOf))
  const columns = new Map<number, StoredColumn>(engine.project.dataset.columns().map((column) => [column.id, column]))
  const context = labelContext(engine, run, linking)
  const groups = runs.groupsOfLatent(run, latent)
  const breadth = runs.breadthOfLatent(run, latent)
  const proposal = labelFor(engine, context, {
    latent: found,
    breadth,
    groups,
    terms: terms.filter(isSignificant),
    genes: links,
    flags: evidence,
  })
  return {
    id: latent,
    label: found.label,
    labelState: labelState(found, context.decisions.get(latent)?.state),
    proposal,
    activeCells: found.activeCells,
    density: found.density,
    flags: flagsOf(found, evidence),
    flagEvidence: evidence.map(({ flag, source, value }) => ({ flag, source, value })),
    topGenes: links.map(geneLink),
    lowerGenes: kept.slice(links.length).toReversed().map(geneLink),
    terms: linking ? terms.map((term) => termLink(engine, { linking, study, ubiquitous: context.ubiquitous }, term)) : [],
    ...conceptsOf(engine, linking, latent),
    groups: groups.flatMap(({ latent: _latent, columnId, level, ...scores }): GroupLink[] => {
      const column = columns.get(columnId)
      return column ? [{ column: column.name, value: column.levels[level] ?? '', ...scores }] : []
    }),
    numbers: runs.numbersOfLatent(run, latent).flatMap(({ latent: _latent, columnId, ...scores }): NumberLink[] => {
      const column = columns.get(columnId)
      return column ? [{ column: column.name, ...scores }] : []
    }),
    breadth: breadth.flatMap(({ latent: _latent, columnId, marked, ...rest }): Breadth[] => {
      const column = columns.get(columnId)
      return column ? [{ column: column.name, ...rest, marked: marked.map((level) => column.levels[level] ?? '') }] : []
    }),
    similar: nearestRows(runs.decoder(run), runs.dims(run), latent, similarShown).map(({ row, cosine }) => ({
      id: row,
      cosine,
    })),
    linking: linking && linkingFacts(engine, linking, study),
    linkings: linkingChoices(engine, run, latent, linking),
  }
}

function conceptsOf(engine: Engine, linking: StoredLinking | null, latent: number): Pick<LatentCard, 'concepts'> {
  if (!linking?.report?.concepts) return {}
  const concepts = engine.project.linkings.conceptsOf(linking.id, latent).map((one) => ({
    id: one.termId,
    name: termName(engine, one.termId),
    threshold: one.threshold,
    chosen: { precision: one.precision, recall: one.recall, f1: one.f1 },
    heldOut: { precision: one.heldOutPrecision, recall: one.heldOutRecall, f1: one.heldOutF1 },
  }))
  return { concepts }
}

const isSignificant = (term: StoredTermLink): boolean =>
  term.qLatent <= significantBelow && term.qOverall <= significantBelow && term.overlap >= fewestShared

function linkingFacts(engine: Engine, linking: StoredLinking, study: StoredStudy | null): LatentCard['linking'] {
  const report = reportOf(linking)
  return {
    aspect: linking.aspect,
    preset: report.preset,
    method: report.method,
    background: linking.backgroundKind,
    backgroundSize: linking.backgroundSize,
    studySize: study?.studySize ?? 0,
    testedLatents: linking.testedLatents,
    testedTerms: linking.testedTerms,
    shuffled: { copies: linking.shuffledCopies, withTerm: linking.shuffledWithTerm },
    tooFew: study?.notTested ?? null,
    geneNote: report.concepts ? rowNote : geneNote,
    donors: [...linking.donors],
    backgrounds: report.backgrounds.map(({ kind }, at) => ({ kind, significant: study?.backgroundCounts[at] ?? 0 })),
    sentence: report.sentence,
    warnings: report.warnings,
    ontologyRelease: linking.ontologyRelease,
    annotationRelease: linking.annotationRelease,
    outdated: isOutdated(engine, linking),
    source: engine.project.linkingSources.of(linking.id),
  }
}

export function geneLink(link: NamedGeneLink): GeneLink {
  const { wilcoxonScore: score, wilcoxonLog10P: rankLog, wilcoxonQ: rankQ, welchT: t, welchLog10P: log, welchQ: q } = link
  const donors = donorsOf(link)
  return {
    gene: link.name,
    auroc: link.auroc,
    log2Difference: link.log2Difference,
    detectedActive: link.detectedActive,
    detectedReference: link.detectedReference,
    cohensD: link.cohensD,
    wilcoxon:
      score === null || rankLog === null || rankQ === null
        ? null
        : { score, pValue: 10 ** rankLog, log10P: rankLog, qValue: rankQ },
    welch: t === null || log === null || q === null ? null : { t, pValue: 10 ** log, log10P: log, qValue: q },
    donors:
      donors && donors.of > 0
        ? {
            ...donors,
            pValue: link.donorsLog10P === null ? null : 10 ** link.donorsLog10P,
            differences: Array.from(link.donorDifferences ?? [], (value) => (Number.isFinite(value) ? value : null)),
          }
        : null,
  }
}

interface TermContext {
  readonly linking: StoredLinking
  readonly study: StoredStudy | null
  readonly ubiquitous: ReadonlySet<string>
}

function termLink(engine: Engine, { linking, study, ubiquitous }: TermContext, term: StoredTermLink): TermLink {
  return {
    id: term.termId,
    name: termName(engine, term.termId),
    overlap: term.overlap,
    termSize: term.termSize,
    studySize: study?.studySize ?? 0,
    backgroundSize: linking.backgroundSize,
    pValue: term.pValue,
    qLatent: term.qLatent,
    qOverall: term.qOverall,
    genes: [...term.genes],
    score: term.score,
    group: term.redundancy,
    ubiquitous: ubiquitous.has(term.termId),
  }
}
