// Matches the cell names of two files: as written first, then with the known ways in which tools change names undone.
// Invariant: a name matches only when it is unique on both sides; nothing is ever matched by position here.
export interface NameMatch {
  /** For every row here the row there, or −1. */
  readonly rows: Int32Array
  readonly matched: number
  /** What was undone, in words, or null. */
  readonly repair: string | null
  /** Names that match only because something was undone, and one of them as it stands in both files. */
  readonly repaired: number
  readonly example: readonly [here: string, there: string] | null
}

type Repair = (name: string) => string
const suffix: Repair = (name) => name.replace(/[-_.]\d+$/, '')
const points: Repair = (name) => name.replaceAll('.', '-')
const leadingX: Repair = (name) => name.replace(/^X(?=\d)/, '')
const suffixes: Repair = (name) => name.replace(/(?:[-_.]\d+)+$/, '')
const barcode: Repair = (name) => /(?:^|[^A-Za-z])([ACGT]{12,})(?![A-Za-z])/.exec(name)?.[1] ?? name
const prefix: Repair = (name) => name.replace(/^.*[_:#|/](?=[^_:#|/]+$)/, '')

const repairs: readonly { readonly words: string; readonly undo: Repair }[] = [
  { words: 'dots read as dashes (R writes AAAC.1 for AAAC-1)', undo: points },
  { words: 'a leading X removed (R adds it before digits)', undo: leadingX },
  { words: 'a leading X removed and dots read as dashes (both by R)', undo: (name) => points(leadingX(name)) },
  { words: 'the suffix with a number (-1) ignored', undo: suffix },
  { words: 'the sample name in front ignored', undo: prefix },
  { words: 'the sample name in front and the suffix with a number ignored', undo: (name) => suffix(prefix(name)) },
  { words: 'all numbers at the end ignored (-1-0, as scanpy adds them when it joins samples)', undo: suffixes },
  { words: 'only the barcode compared, whatever stands before and after it', undo: barcode },
]

/** The best match of the names; a repair counts only when it finds more than the names as written do. */
export function matchNames(here: readonly string[], there: readonly string[]): NameMatch {
  let best = matchBy(here, there, (name) => name, null)
  for (const { words, undo } of repairs) {
    if (best.matched === here.length) break
    const found = matchBy(here, there, undo, words)
    if (found.matched > best.matched) best = found
  }
  return best
}

/** What tools add to names is short; patterns are not tried on names of any length. */
const longestRepaired = 1000

function matchBy(here: readonly string[], there: readonly string[], how: Repair, repair: string | null): NameMatch {
  const undo: Repair = (name) => (name.length > longestRepaired ? name : how(name))
  const placeOf = uniquePlaces(there, undo)
  const ours = uniquePlaces(here, undo)
  let matched = 0
  let repaired = 0
  let example: NameMatch['example'] = null
  const rows = Int32Array.from(here, (name) => {
    const bare = undo(name)
    const place = (ours.get(bare) ?? -1) >= 0 ? (placeOf.get(bare) ?? -1) : -1
    if (place < 0) return place
    matched++
    const other = there[place] ?? ''
    if (other !== name) {
      repaired++
      example ??= [name, other]
    }
    return place
  })
  return { rows, matched, repair, repaired, example }
}

/** Place of every name; −1 for names that occur more than once. */
function uniquePlaces(names: readonly string[], undo: Repair): Map<string, number> {
  const places = new Map<string, number>()
  names.forEach((name, row) => {
    const bare = undo(name)
    places.set(bare, places.has(bare) ? -1 : row)
  })
  return places
}
