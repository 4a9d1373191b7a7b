// Which matrix the statistics use and on which scale: X if it is log-like, counts normalised and logged, raw values when X is scaled.
// Invariant: the verdict and its evidence come from the values alone; the choice is reported, never silent.
import type { AppError, ExpressionInfo, Problem, Verdict } from '@contract'
import { refuse, Refusal } from '../../base/refusal'
import type { Csr } from '../../base/sparse'
import type { ScaleChange } from '../../science/normalise'
import { judge, type Judgement } from '../../science/verdict'
import { asProblem, stopOf, type Stop } from './findings'
import { examples, warning } from './problems'
import { sliceRows } from './rows'
import { missingIn, rowsToLookAt, valueClasses } from './sampling'
import type { ExpressionSource, MatrixPart, OpenSource } from './source-reader'

export interface Expression {
  readonly info: ExpressionInfo
  readonly source: ExpressionSource
  readonly part: MatrixPart | null
  /** A few first rows, for the preview. */
  readonly sample: Csr | null
  readonly judgement: Judgement
  /** Why it cannot be used as it is; null when it can. */
  readonly stop: Stop | null
}

/** Rows kept of a sample, which may be large. */
const shownRows = 16

const unknown: Judgement = { verdict: 'unknown', evidence: 'The values cannot be read.', target: null }

/** Every matrix of the file with its verdict, the one the statistics would use marked. */
export async function surveyExpressions(source: OpenSource): Promise<Expression[]> {
  const found: Expression[] = []
  for (const each of source.expressions) found.push(await survey(each, source))
  const chosen = defaultOf(found)
  return found.map((each) => (each === chosen ? { ...each, info: { ...each.info, suggested: true } } : each))
}

async function survey(source: ExpressionSource, { logRecorded }: OpenSource): Promise<Expression> {
  const { key, rows, columns, found } = source
  const described = (judgement: Judgement, histogram: ExpressionInfo['histogram']): ExpressionInfo => {
    return { key, rows, columns, verdict: judgement.verdict, evidence: judgement.evidence, suggested: false, histogram }
  }
  const failed = (error: AppError): Expression => {
    const info = described({ ...unknown, evidence: error.message }, [])
    return { info, source, part: null, sample: null, judgement: unknown, stop: { error, answeredBy: null } }
  }
  if (found.part === null) return failed(found.error)
  try {
    const sample = await found.part.sample(rowsToLookAt(found.part))
    const judgement = judge(sample, logRecorded && !/count|raw/.test(key))
    const missing = missingIn(sample)
    const names = examples(missing.columns.map((column) => source.genes.index[column] ?? String(column)))
    const details = { count: missing.values, part: key, examples: names }
    const stop = missing.values === 0 ? null : stopOf('MISSING_EXPRESSION', details, 'dropMissing')
    const info = described(judgement, valueClasses(sample))
    if (source.apart !== undefined) {
      const evidence = `${judgement.evidence} ${source.apart}.`
      return { info: { ...info, evidence }, source, part: null, sample: null, judgement, stop: null }
    }
    const shown = sliceRows(sample, 0, Math.min(shownRows, sample.rows))
    const first = { ...shown, indices: shown.indices.slice(), values: shown.values.slice() }
    return { info, source, part: found.part, sample: first, judgement, stop }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return failed(thrown.error)
  }
}

const logLike: readonly Verdict[] = ['log1p', 'log2']

/** X when log-like or countable, else raw, else a layer; a matrix with missing numbers only when there is nothing better. */
function defaultOf(found: readonly Expression[]): Expression | null {
  const genes = found.filter((each) => each.source.featureType === undefined)
  const readable = (genes.length > 0 ? genes : found).filter((each) => each.part !== null)
  const orders: readonly ((each: Expression) => boolean)[] = [
    (each) => each.info.key === 'X' && [...logLike, 'counts', 'normalised'].includes(each.info.verdict),
    (each) => each.info.key === 'raw/X' && logLike.includes(each.info.verdict),
    (each) => each.info.key === 'raw/X' && ['counts', 'normalised'].includes(each.info.verdict),
    (each) => each.info.key.startsWith('layers/') && logLike.includes(each.info.verdict),
    (each) => each.info.key.startsWith('layers/') && ['counts', 'normalised'].includes(each.info.verdict),
    (each) => each.info.key === 'X' && each.info.verdict === 'unknown',
    (each) => each.info.key === 'X',
    () => true,
  ]
  for (const whole of [true, false]) {
    for (const fits of orders) {
      const match = readable.find((each) => fits(each) && (!whole || each.stop === null))
      if (match) return match
    }
  }
  return null
}

/** The matrix asked for ('none' for no expression at all), or the suggested one. */
export function chooseExpression(found: readonly Expression[], key: string | null): Expression | null {
  if (key === 'none') return null
  if (key === null) return found.find((each) => each.info.suggested) ?? null
  const wanted = found.find(
    ({ info }) =>
      info.key === key || info.key === `layers/${key}` || (info.key === 'raw/X' && (key === 'raw' || key === 'raw.X')),
  )
  if (!wanted)
    refuse('CHOICE_UNKNOWN', {
      what: 'expression matrix',
      key,
      known: [...found.map((each) => each.info.key), 'none'].join(', '),
    })
  return wanted
}

/** What the user must know about the matrices of the file, given which one is used (`asked`: by the user's choice). */
export function expressionFindings(
  found: readonly Expression[],
  chosen: Expression | null,
  asked: boolean,
): { problems: Problem[]; stops: Stop[] } {
  const problems: Problem[] = []
  const stops: Stop[] = chosen?.stop ? [chosen.stop] : []
  for (const each of found) {
    if (each === chosen || each.part !== null || each.stop === null) continue
    // A damaged main matrix makes the whole file doubtful; only an explicit choice of another one overrules that.
    if (each.info.key === 'X' && each.stop.error.code === 'FILE_DAMAGED' && !asked) stops.push(each.stop)
    else problems.push(asProblem('warning', each.stop.error))
  }
  if (chosen === null && !asked && stops.length === 0) {
    const message = 'Without an expression matrix, features can be linked to cells but not to genes and terms.'
    problems.push(warning('NO_EXPRESSION', message, 'Add a matrix of the same cells to the file.'))
  }
  if (chosen?.info.verdict === 'scaled') {
    const message = 'Values are z-scores; fold changes need counts or log values. Maps and AUROC work, log differences are off.'
    problems.push(warning('SCALED_ONLY', message, 'Keep the counts in the file: adata.raw = adata, before scaling.'))
  }
  if (chosen?.info.verdict === 'unknown' && chosen.part !== null) {
    const message = `It is not certain what the values of ${chosen.info.key} are. ${chosen.info.evidence}`
    problems.push(
      warning(
        'SCALE_UNKNOWN',
        message,
        'Say what they are (--verdict NAME), choose another matrix, or write the file with counts.',
      ),
    )
  }
  return { problems, stops }
}

export interface OnScale {
  readonly change: ScaleChange
  /** In words. */
  readonly scale: string
  readonly logScale: boolean
}

/** What brings a matrix to the scale of the statistics: ln(1 + counts per 10,000) wherever that is possible. */
export function onScale({ verdict }: Judgement): OnScale {
  switch (verdict) {
    case 'counts':
      return { change: 'log1p', scale: 'log1p of counts per 10,000', logScale: true }
    case 'normalised':
      return { change: 'log1p', scale: 'log1p of normalised values per 10,000', logScale: true }
    case 'log2':
      return { change: 'ln2', scale: 'log1p, converted from log2 (times ln 2)', logScale: true }
    case 'log1p':
      return { change: 'none', scale: 'as stored (log values)', logScale: true }
    case 'scaled':
      return { change: 'none', scale: 'as stored (z-scores)', logScale: false }
    case 'unknown':
      return { change: 'none', scale: 'as stored', logScale: false }
  }
}
