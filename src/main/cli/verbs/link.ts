// `link` and `associate`: latents to genes and terms, and all latents to all genes.
import { limits, type AssociationReport, type LinkReport, type LinkRequest } from '@contract'
import { refuse } from '../../base/refusal'
import type { Answer, VerbAction } from '../answer'
import type { Command, OptionSpec, VerbSpec } from '../arguments'
import { aspectOf, oneOf, text, whole, word } from '../options'
import type { Session } from '../session'
import { evidenceOf, termChoice } from './term-options'

const defaultShuffles = 20
export const presets = ['latiscope', 'goatools', 'gseapy', 'clusterprofiler', 'scfeaturelens'] as const
const methods = ['ora', 'camera', 'auroc', 'gsea'] as const
const kinds = ['detected', 'annotated'] as const

/** Which stored result is read. */
export const linking: OptionSpec = {
  value: 'N',
  about: 'a stored result by its number in the field "linkings" of a latent (default: the one that is shown)',
}

/** Options of `link` beside run and aspect. */
export const linkOptions: Readonly<Record<string, OptionSpec>> = {
  background: {
    value: 'detected|annotated|FILE',
    about: 'genes tested against: a kind, or a file with one gene per line (default: detected)',
  },
  'list-size': { value: 'N', about: 'longest list of best genes, 15 to 500 (default: 100, or 4 % of the background)' },
  'term-size': { value: 'A-B', about: 'genes a term may have within the background, 5 to 2000 (default 10-500)' },
  shuffles: { value: 'N', about: 'shuffled copies for the chance check (default 20)' },
  null: { value: 'donor|type', about: 'shuffle within donors, or within cell types and donors (default: donor)' },
  preset: { value: 'NAME', about: 'latiscope (default), goatools, gseapy, clusterprofiler or scfeaturelens' },
  method: { value: 'ora|camera|auroc|gsea', about: 'test the list of best genes, or all genes by their rank (default: ora)' },
}

export const associateVerb = {
  about: 'compare all latents with all genes over all cells',
  words: ['PROJECT'],
  options: { run: { value: 'R', about: 'run number (default: the latest finished run)' } },
} as const satisfies VerbSpec

/** @param note the ontology the terms come from */
export const linkAction =
  (note: (session: Session) => Promise<Answer>): VerbAction =>
  async (session, { words, options }) => {
    await session.open(word(words, 0))
    const background = text(options, 'background') ?? 'detected'
    const kind = kinds.find((each) => each === background) ?? 'file'
    const method = oneOf(options, 'method', methods) ?? 'ora'
    const preset = oneOf(options, 'preset', presets) ?? 'latiscope'
    if (method !== 'ora' && preset !== 'latiscope')
      refuse('USAGE', { what: `--preset ${preset} tests a list of genes; it does not go with --method ${method}.` })
    const started = await session.call('link.start', {
      run: whole(options, 'run'),
      aspect: aspectOf(options) ?? 'BP',
      background: kind,
      backgroundFile: kind === 'file' ? session.grant(background, 'data') : null,
      evidence: evidenceOf(options),
      ...termChoice(session, options),
      shuffles: whole(options, 'shuffles') ?? defaultShuffles,
      preset,
      method,
      ...sizes(options),
      null: oneOf(options, 'null', ['donor', 'type'] as const) ?? 'donor',
    })
    const report = (await session.finish(started)) as LinkReport
    return { ...report, ontology: report.source ?? (await note(session)) }
  }

/** @throws Refusal USAGE for numbers outside what may be asked for */
function sizes(options: Command['options']): Pick<LinkRequest, 'studySize' | 'termSize'> {
  const studySize = whole(options, 'list-size')
  const { least, most } = limits.studyGenes
  if (studySize !== null && (studySize < least || studySize > most))
    refuse('USAGE', { what: `--list-size needs a number from ${least} to ${most}.` })
  const asked = text(options, 'term-size')
  const [from, to] = (/^(\d+)-(\d+)$/.exec(asked ?? '')?.slice(1) ?? []).map(Number)
  const termSize = from !== undefined && to !== undefined ? { least: from, most: to } : null
  const { least: fewest, most: largest } = limits.termGenes
  if (asked !== null && (!termSize || termSize.least < fewest || termSize.most > largest || termSize.least > termSize.most))
    refuse('USAGE', { what: `--term-size needs two numbers from ${fewest} to ${largest}, for example 10-500.` })
  return { ...(studySize === null ? {} : { studySize }), ...(termSize ? { termSize } : {}) }
}

export const associateAction: VerbAction = async (session, { words, options }) => {
  await session.open(word(words, 0))
  const started = await session.call('associate.start', { run: whole(options, 'run') })
  return { ...((await session.finish(started)) as AssociationReport) }
}
