// Numbers as people and spreadsheets write them: decimal comma, thousands separators, and the many words for "missing".
// Invariant: a token is a number, missing or text; nothing is ever half a number.
export interface NumberStyle {
  readonly decimalComma: boolean
  /** Separator of groups of three digits, or '' for none. */
  readonly groups: '' | ',' | '.'
}

const missingWords = new Set([
  '',
  'na',
  'n/a',
  '<na>',
  'nan',
  '-nan',
  'null',
  'none',
  '-',
  '--',
  '.',
  '?',
  '#n/a',
  '#na',
  '#div/0!',
  '#value!',
  '#ref!',
  '#num!',
  '#name?',
  '#null!',
])
const infinite = /^([+-]?)(?:inf|infinity)$/i
/** Every letter has one place in it only, so that a long row of digits is not tried in all its parts. */
const numeric = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
/** Digits kept as text because a number would lose them: 007. */
const leadingZero = /^[+-]?0\d/

export const isMissing = (token: string): boolean => missingWords.has(token.trim().toLowerCase())

/** The number a token stands for: NaN when missing, null when it is text. */
export function numberIn(token: string, { decimalComma, groups }: NumberStyle): number | null {
  let text = token.trim()
  if (groups !== '' && text.includes(groups)) text = text.replaceAll(groups, '')
  if (decimalComma) text = text.replace(',', '.')
  if (numeric.test(text)) return leadingZero.test(text) ? null : Number(text)
  if (isMissing(token)) return NaN
  const boundless = infinite.exec(text)
  return boundless ? (boundless[1] === '-' ? -Infinity : Infinity) : null
}

const withComma = /^[+-]?[\d.]*,[\d,.]*(?:e[+-]?\d+)?$/i
const commaGroups = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/
const pointGroups = /^[+-]?[1-9]\d{0,2}(?:\.\d{3}){2,}$|^[+-]?[1-9]\d{0,2}(?:\.\d{3})+,\d+$/

/** How the numbers of a table are written, judged from many tokens together: 4,234 alone could be either. */
export function styleOf(tokens: Iterable<string>): NumberStyle {
  let commas = 0
  let grouped = 0
  let points = 0
  for (const raw of tokens) {
    const token = raw.trim()
    if (pointGroups.test(token)) points++
    if (!token.includes(',') || !withComma.test(token)) continue
    commas++
    if (commaGroups.test(token)) grouped++
  }
  const thousands = commas > 0 && grouped === commas
  return { decimalComma: commas > 0 && !thousands, groups: thousands ? ',' : points > 0 ? '.' : '' }
}
