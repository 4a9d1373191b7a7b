// A methods paragraph from what was run: data, training, links, each with versions, settings, seeds, releases and citations.
// It describes what is stored with the results; what is installed now plays no part.
import type { ConceptReport, MethodsText, Run } from '@contract'
import { refuse } from '../../base/refusal'
import { reportOf } from '../analysis/linking'
import { readOutNote } from '../analysis/read-out'
import { inRowWords } from '../analysis/row-words'
import type { Engine } from '../engine'
import { builtInId } from '../ontology'
import type { StoredLinking } from '../store/linkings'
import { createBibliography, type Bibliography, type Work } from './citations'
import * as words from './words'

interface Section {
  readonly title: string
  readonly text: string
}

/** @param run a finished run @param linkings numbers of stored results; null for the shown ones @throws Refusal NOTHING_FOUND */
export function writeMethods(engine: Engine, run: number, linkings: readonly number[] | null): MethodsText {
  const { runs, linkings: store } = engine.project
  const found = runs.get(run) ?? refuse('RUN_NOT_FOUND', { run })
  const chosen =
    linkings?.map((id) => {
      const one = store.get(id)
      return one?.run === run ? one : refuse('NOTHING_FOUND', { what: `result ${id} of run ${run}` })
    }) ?? store.shown(run)
  const bibliography = createBibliography()
  const sections = [
    dataSection(engine),
    trainingSection(engine, found, bibliography),
    ...chosen.map((linking) => linkingSection(engine, linking, bibliography)),
    ...associationSection(engine, run),
  ]
  return { text: sections.map(({ text }) => text).join('\n\n'), sections, citations: bibliography.list() }
}

function dataSection(engine: Engine): Section {
  const { rows, dims, representation, sourceName, expression, verdict, scale, species, fingerprint } = engine.dataset
  const genes = engine.project.dataset.genes()
  const mapped = genes.filter((gene) => gene.ontologyGene !== null).length
  const roles = engine.project.dataset.columns().flatMap(({ name, role }) => (role === null ? [] : [`${name} (${role})`]))
  const parts = [
    `${inRowWords(engine, words.plural(rows, 'cell', 'cells'))} with a representation of ${words.plural(dims, 'dimension', 'dimensions')} (${representation}) were read from ${sourceName}.`,
    expression === null
      ? 'No expression was imported.'
      : `Expression (${expression}, recognised as ${verdict ?? 'unknown'}${scale === null ? '' : `; analysed as ${scale}`}) covers ${words.plural(genes.length, 'gene', 'genes')}, ${words.count(mapped)} of which are known by symbol, older symbol or id${species === null ? '' : ` (${species})`}.`,
    roles.length === 0 ? '' : `Roles given to columns: ${roles.join(', ')}.`,
    `Fingerprint of the data: ${fingerprint.slice(0, 16)}.`,
  ]
  return { title: 'Data', text: joined(parts) }
}

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ')

function trainingSection(engine: Engine, run: Run, bibliography: Bibliography): Section {
  const { settings } = run
  const origin = engine.project.runs.origin(run.id)
  const works: Record<Run['settings']['arch'], readonly Work[]> = {
    topk: ['topk'],
    batchtopk: ['batchtopk'],
    matryoshka: ['matryoshka'],
    relu: settings.l1Form === 'scfeaturelens' ? ['scfeaturelens'] : settings.l1Form === 'norm-weighted' ? ['reluNorm'] : ['relu'],
    jumprelu: ['jumprelu'],
    gated: ['gated'],
  }
  const penalised = settings.arch === 'relu' || settings.arch === 'jumprelu' || settings.arch === 'gated'
  const weight =
    settings.l1 === null
      ? `; the weight of the sparsity term was adjusted until ${settings.k} were on per cell`
      : `; weight of the sparsity term ${settings.l1}`
  const extras = [
    penalised ? weight : '',
    settings.auxCoefficient > 0 && settings.auxK > 0
      ? `; auxiliary loss ${settings.auxCoefficient} over ${settings.auxK} dead latents`
      : '',
    settings.multiTopK ? '; reconstructions from 4 k latents counted too' : '',
    settings.resample ? '; dead latents were started anew at 25 % and 50 % of the steps' : '',
  ].join('')
  const held = settings.heldOut > 0
  const parts = [
    `A ${words.architectures[settings.arch]} sparse autoencoder ${bibliography.cite(...works[settings.arch])} with ${words.count(settings.latents)} latents, ${settings.k} on per cell${settings.arch === 'topk' ? '' : ' on average'}, was trained for ${words.count(settings.steps)} steps of ${words.count(settings.batch)} rows with Adam ${bibliography.cite('adam')} (learning rate ${settings.learningRate}, linear rise over the first ${words.percent(settings.warmUp, 0)} and linear fall over the last ${words.percent(settings.decay, 0)} of the steps${extras}), seed ${settings.seed}.`,
    run.stoppedAt === null ? '' : `It was stopped at step ${words.count(run.stoppedAt)} and kept as it was.`,
    `Rows were ${words.preparations[settings.normalise]}.`,
    held
      ? `${words.percent(settings.heldOut, 0)} of the cells${settings.heldOutBy === null ? ', drawn at random,' : `, whole values of ${settings.heldOutBy},`} were held out of training.`
      : 'No cells were held out.',
    qualitySentence(run),
    repeatSentence(engine, run.id),
    origin === null ? '' : `Computed with Latiscope ${origin.appVersion} (${run.backend ?? 'unknown backend'}).`,
  ]
  return { title: 'Sparse autoencoder', text: inRowWords(engine, joined(parts)) }
}

function qualitySentence({ metrics, controls }: Run): string {
  if (!metrics?.explainedVariance || !controls?.pca) return ''
  const { explainedVariance, l0, dead } = metrics
  return joined([
    `Explained variance is ${words.pairOf(explainedVariance)} with ${words.fixed(l0.heldOut ?? l0.train, 1)} latents on per cell; ${dead} latents are never on.`,
    `Controls: an untrained copy with as many latents on ${words.pairOf(controls.untrained.explainedVariance)}, PCA with ${controls.pca.axes} axes ${words.pairOf(controls.pca.explainedVariance)}.`,
  ])
}

function repeatSentence(engine: Engine, run: number): string {
  const report = engine.project.stability.seeds(run)
  if (!report) return ''
  const { repeats, reproducible, compared, same, agreement, chance } = report
  return `The training was repeated with ${words.plural(repeats.length, 'other seed', 'other seeds')}: ${words.count(reproducible)} of ${words.count(compared)} latents return in all of them (cosine of matched decoder rows at least ${same}; mean cosine ${words.fixed(agreement)}, of shuffled copies ${words.fixed(chance.mean)}).`
}

const presetWorks: Readonly<Record<string, readonly Work[]>> = {
  goatools: ['goatools'],
  gseapy: ['gseapy'],
  clusterprofiler: ['clusterprofiler'],
  scfeaturelens: ['scfeaturelens'],
}

function linkingSection(engine: Engine, linking: StoredLinking, bibliography: Bibliography): Section {
  const report = reportOf(linking)
  const { settings } = linking
  const parts = [
    ...(report.concepts ? rowSentences(linking, report.concepts, bibliography) : cellSentences(linking, bibliography)),
    `Background: ${backgroundWords(linking)}. Terms: ${termWords(engine, linking, bibliography)}`,
    `False discovery rates were controlled by Benjamini–Hochberg ${bibliography.cite('bh')} twice, over the ${words.count(report.tested.terms)} terms of a latent and over all ${words.count(report.tested.latents)} tested latents and their terms; a link is called significant when both q are at most 0.05. ${words.count(report.significant.pairs)} links in ${words.count(report.significant.latents)} latents are.`,
    report.shuffled.copies === 0
      ? 'No shuffled copies were tested.'
      : `As a control, ${report.shuffled.copies} latents were shuffled within ${report.shuffled.within} and tested in the same way: ${report.shuffled.withTerm} reached a term at q 0.05 in the latent, against ${report.withTerm} of ${report.tested.latents} real ones.`,
    `Seed ${settings.seed ?? 0}; Latiscope ${linking.appVersion}.${report.concepts ? '' : ' Cells were chosen by the latents that are tested, so p values of genes describe and do not prove.'}`,
  ]
  return { title: `Links to ${words.aspects[linking.aspect]}`, text: joined(parts) }
}

/** What was tested against; linkings of before sources were kept rest on the built-in annotations. */
function termWords(engine: Engine, linking: StoredLinking, bibliography: Bibliography): string {
  const { settings, ontologyRelease, annotationRelease, aspect } = linking
  const source = engine.project.linkingSources.of(linking.id)
  const evidence = words.evidenceWords[settings.evidence ?? 'all'] ?? settings.evidence
  const relations = settings.relations ? `, carried over: ${settings.relations}` : ''
  const known = source === null || source.id === builtInId
  if (!known && source.relations === null)
    return `the gene sets ${source.name} (SHA-256 of their content ${source.checksum.slice(0, 16)}).`
  const own = known ? '' : ` as in ${source.name} (SHA-256 of its content ${source.checksum.slice(0, 16)})`
  const orthologs = source?.orthologs
    ? ` Mouse genes were tested against human annotations through ${words.count(source.orthologs.pairs)} one-to-one orthologs (${source.orthologs.release}).`
    : ''
  return `${words.aspects[aspect]} of the Gene Ontology ${bibliography.cite('go', 'goNow')}${own} (release ${ontologyRelease}, annotations of ${annotationRelease}, ${evidence}${relations}).${orthologs}`
}

/** From cells to genes, and how genes were tested. */
function cellSentences(linking: StoredLinking, bibliography: Bibliography): string[] {
  const { preset, method, shuffled } = reportOf(linking)
  const published = preset === 'scfeaturelens' && method === 'ora'
  const works = presetWorks[preset]
  const terms = preset === 'latiscope' ? words.termSizeWords(linking.settings.termSize) : 'terms'
  const test =
    method === 'ora'
      ? `the genes of the list were tested against ${terms} (${words.presetWords[preset]}${works ? ` ${bibliography.cite(...works)}` : ''})`
      : `all genes were tested against ${terms} by ${words.methodWords[method]}${method === 'auroc' ? '' : ` ${bibliography.cite(method)}`}`
  return [
    published
      ? 'Cells above the 99th percentile of a latent were compared with all cells in which it is off.'
      : `For each latent the most active cells (top 5 % of its active cells, at least 50 and at most 2,000) were compared with five times as many cells in which it is off${strataWords(shuffled.within, linking.settings.null)}; genes were ranked by AUROC.`,
    published || method !== 'ora'
      ? ''
      : `The list of a latent is its best genes: AUROC at least 0.55 and three standard deviations above 0.5, detected in at least 5 % of the active cells; at most ${linking.settings.studySize ?? '100 and 4 % of the background'}.`,
    `Then ${test}.`,
  ]
}

/** Rows are genes or proteins. */
function rowSentences({ settings }: StoredLinking, concepts: ConceptReport, bibliography: Bibliography): string[] {
  const { rows, genes, least, chosen, confirmed, shuffled } = concepts
  return [
    `Rows of the representation are genes or proteins: ${words.count(rows)} rows stand for ${words.count(genes)} genes that count. The genes a latent is on in were tested against ${words.termSizeWords(settings.termSize)} (${words.presetWords.latiscope}).`,
    `As in InterPLM ${bibliography.cite('interplm')}, term and threshold of the activation (0, 0.15, 0.5, 0.6 or 0.8 of the strongest) with the best F1 were chosen on a random half of the genes and confirmed on the other half: ${chosen} latents have a term at F1 above ${least}, ${confirmed} of them also on the other half (shuffled copies: ${shuffled.chosen} and ${shuffled.confirmed}).`,
  ]
}

/** As it was when the result was made: roles of columns may have changed since. */
function strataWords(within: string, nullKind: StoredLinking['settings']['null']): string {
  return within === 'all cells' || nullKind === 'type' ? '' : `, matched within ${within}`
}

function backgroundWords({ backgroundKind, backgroundSize, settings, report }: StoredLinking): string {
  const genes = words.plural(backgroundSize, 'gene', 'genes')
  const where = report?.concepts ? 'among the rows' : 'detected in the data'
  if (backgroundKind === 'annotated') return `${genes} ${where} that have at least one term`
  if (backgroundKind === 'file') return `${genes} of the list ${settings.backgroundFile?.name ?? 'given'} that are ${where}`
  if (report?.concepts) return `all ${genes} among the rows`
  return `${genes} detected in the data (other than 0 in at least 0.1 % of the cells and 3 cells)`
}

function associationSection(engine: Engine, run: number): Section[] {
  const facts = engine.project.associations.facts(run)
  if (!facts) return []
  const map = engine.project.associations.geneMapFacts()
  const readOut = !map
    ? ''
    : map.source !== 'ridge'
      ? readOutNote(map)
      : `Decoder rows were read out on genes by ridge regression of expression on the representation (${words.count(map.fitRows ?? 0)} cells, penalty ${map.penalty ?? 'unknown'}; median R² on ${words.count(map.testRows ?? 0)} cells left out: ${map.medianR2 === null ? 'not defined' : words.fixed(map.medianR2)}).`
  return [
    {
      title: 'Genes over all cells',
      text: joined([
        `Activations were compared with ${words.count(facts.genes)} genes over all ${words.count(facts.cells)} cells (Pearson and Spearman correlation, AUROC of on against off cells).`,
        readOut,
      ]),
    },
  ]
}
