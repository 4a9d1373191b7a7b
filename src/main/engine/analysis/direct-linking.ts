// Links a run whose rows are genes or proteins: terms are tested on the rows a latent is on in, without cells or expression.
import type { LinkReport, LinkRequest } from '@contract'
import { conceptFrom, fewestGenes, linkRows, type DirectLatent, type DirectResult } from '../../science/direct-link'
import type { TermSets } from '../../science/term-sets'
import type { Engine } from '../engine'
import type { JobContext } from '../jobs/jobs'
import type { Project } from '../project/project'
import type { StoredConcept } from '../store/concepts'
import type { NewLinking } from '../store/linkings'
import { listedOf, type ResolvedLinking } from './link-settings'
import { termRows } from './link-rows'
import { chanceSentence } from './link-words'
import { projectGenes } from './project-genes'
import type { TermSource } from './term-source'

interface DirectLinking {
  readonly engine: Engine
  readonly project: Project
  readonly context: JobContext
  readonly run: number
  readonly resolved: ResolvedLinking
  /** Its genes are those of the rows. */
  readonly source: TermSource
}

/** What is stored of it, with its report. */
export async function linkGeneRows(
  linking: DirectLinking,
): Promise<Pick<NewLinking, 'studies' | 'genes' | 'terms' | 'concepts'> & { readonly report: LinkReport }> {
  const { engine, project, context, run, resolved, source } = linking
  const { settings, listed } = resolved
  const { sets } = source
  context.progress(0, 1, 'reading activations')
  await context.breathe()
  const steps = linkRows({
    activations: project.runs.byLatent(run),
    rowGenes: source.geneOf,
    sets,
    allowed: settings.background === 'annotated' ? annotatedGenes(sets) : listed && listedOf(listed, source),
    options: {
      seed: settings.seed,
      shuffles: settings.shuffles,
      equallyAnnotated: settings.null === 'type',
      ...(settings.termSize === undefined ? {} : { termSize: settings.termSize }),
    },
  })
  let next = steps.next()
  while (!next.done) {
    context.progress(next.value.step, next.value.of, next.value.phase)
    await context.breathe()
    next = steps.next()
  }
  const { latents } = next.value
  const { genes } = projectGenes(project, engine.ontology)
  return {
    report: reportFor(linking, next.value),
    studies: latents.map((one) => ({
      latent: one.latent,
      mode: 'rows',
      activeUsed: one.study.length,
      referenceUsed: 0,
      studySize: one.study.length,
      notTested: reasons[one.status],
    })),
    genes: [],
    terms: latents.flatMap((one) => termRows(one, genes, sets)),
    concepts: latents.flatMap((one) => conceptRows(one, sets)),
  }
}

function annotatedGenes(sets: TermSets): Uint8Array {
  const annotated = new Uint8Array(sets.geneCount)
  for (const gene of sets.indices) annotated[gene] = 1
  return annotated
}

const reasons: Readonly<Record<DirectLatent['status'], string | null>> = {
  tested: null,
  dead: 'It is on in no row that is a known gene.',
  'too few rows': `It is on in fewer than ${fewestGenes} known genes.`,
}

function conceptRows({ latent, concepts }: DirectLatent, sets: TermSets): StoredConcept[] {
  return concepts.map(({ term, threshold, chosen, heldOut }, rank) => ({
    latent,
    rank,
    termId: sets.ids[term] as string,
    threshold,
    ...chosen,
    heldOutPrecision: heldOut.precision,
    heldOutRecall: heldOut.recall,
    heldOutF1: heldOut.f1,
  }))
}

function reportFor({ run, resolved: { settings }, source }: DirectLinking, result: DirectResult): LinkReport {
  const strict = settings.null === 'type'
  const background = { kind: settings.background as LinkRequest['background'], genes: result.backgroundSize }
  const { shuffled: byChance, ...counts } = result.concepts
  const report = {
    run,
    aspect: settings.aspect,
    preset: settings.preset,
    method: settings.method,
    tested: { latents: result.testedLatents, terms: result.testedTerms },
    background,
    significant: result.significant,
    shuffled: { ...result.shuffled, within: strict ? 'genes with about as many terms' : 'all genes' },
    withTerm: result.withTerm,
    published: null,
    backgrounds: [{ ...background, terms: result.testedTerms, significant: result.significant, gained: 0, lost: 0 }],
    chance: result.chance.map((one) => ({ ...one })),
    warnings: [
      ...(strict
        ? []
        : [
            'Well-studied genes have more terms. Copies shuffled among genes with about as many terms (null: type) show what that alone gives.',
          ]),
    ],
    concepts: { rows: source.geneOf.length, genes: result.backgroundSize, least: conceptFrom, ...counts, shuffled: byChance },
  }
  return { ...report, sentence: chanceSentence(report) }
}
