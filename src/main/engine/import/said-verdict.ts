// The user's word on what the numbers of a matrix are, over what the values show.
// Invariant: recorded as the user's word in the evidence; a word that the values rule out is refused or doubted, never taken silently.
import type { Problem, Verdict } from '@contract'
import { refuse } from '../../base/refusal'
import type { Expression } from './expressions'
import { warning } from './problems'

const words: Readonly<Record<Verdict, string>> = {
  counts: 'counts',
  log1p: 'ln(1 + x) values',
  log2: 'log2(1 + x) values',
  normalised: 'normalised values without a logarithm',
  scaled: 'z-scores',
  unknown: 'of unknown kind',
}

/** The matrix with this verdict. Refuses with VERDICT_IMPOSSIBLE where values below zero rule it out. */
export function withVerdict(expression: Expression, said: Verdict): { expression: Expression; problems: Problem[] } {
  const { judgement, info, sample } = expression
  if (said === judgement.verdict) return { expression, problems: [] }
  const values = sample?.values ?? new Float32Array(0)
  if (said !== 'scaled' && said !== 'unknown' && values.some((value) => value < 0)) {
    refuse('VERDICT_IMPOSSIBLE', { part: info.key, verdict: words[said], why: 'some of its values are below zero' })
  }
  const evidence = `You said that these are ${words[said]}. The values alone: ${judgement.evidence}`
  const problems: Problem[] = []
  if (said === 'counts' && values.some((value) => Number.isFinite(value) && Math.abs(value - Math.round(value)) > 1e-6)) {
    const message = `You said that ${info.key} holds counts, but not all of its values are whole numbers.`
    problems.push(warning('VERDICT_DOUBTED', message, 'Check the choice; fold changes would be wrong if they are no counts.'))
  }
  return {
    expression: {
      ...expression,
      judgement: { verdict: said, evidence, target: null },
      info: { ...info, verdict: said, evidence },
    },
    problems,
  }
}
