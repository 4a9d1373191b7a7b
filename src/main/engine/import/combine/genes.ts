// Which columns of several matrices are the same gene.
// Invariant: by name first; only where hardly any names agree (symbols in one file, Ensembl ids in the other) by the gene they mean.
import type { GeneUnion } from '@contract'
import type { GeneResolver } from '../gene-resolver'
import type { ColumnValues, Frame, FrameColumn } from '../source-reader'
import { textAt } from './subset'

export interface UnitedGenes {
  readonly genes: Frame
  /** Per file: for each of its columns the column in the whole, or −1. */
  readonly places: readonly Int32Array[]
  /** Genes in every file, and in any. */
  readonly shared: number
  readonly all: number
  readonly byMeaning: boolean
}

/** The genes of all files together, in the order in which they first appear. */
export function unitedGenes(frames: readonly Frame[], union: GeneUnion, resolver: GeneResolver): UnitedGenes {
  const smallest = Math.min(...frames.map((frame) => frame.rows))
  let keys = frames.map((frame) => numbered(frame.index))
  let byMeaning = false
  if (countShared(keys) * 2 < smallest) {
    const meant = frames.map((frame) => numbered(frame.index.map((name) => meaningOf(name, resolver))))
    byMeaning = countShared(meant) > countShared(keys)
    if (byMeaning) keys = meant
  }
  const seen = new Map<string, number>()
  for (const of of keys) for (const key of of) seen.set(key, (seen.get(key) ?? 0) + 1)
  const kept = [...seen].filter(([, files]) => union === 'all' || files === frames.length).map(([key]) => key)
  const placeOf = new Map(kept.map((key, place) => [key, place]))
  const places = keys.map((of) => Int32Array.from(of, (key) => placeOf.get(key) ?? -1))
  return {
    genes: framed(frames, places, kept.length),
    places,
    shared: [...seen.values()].filter((files) => files === frames.length).length,
    all: seen.size,
    byMeaning,
  }
}

const meaningOf = (name: string, resolver: GeneResolver): string => {
  const { gene } = resolver.resolve(name)
  return gene === null ? name : `gene ${gene}`
}

/** A name that repeats is told apart by the number of its repetition. */
function numbered(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return before === 0 ? name : `${name}\u0000${before}`
  })
}

function countShared(keys: readonly (readonly string[])[]): number {
  const [first = [], ...others] = keys
  const sets = others.map((of) => new Set(of))
  return first.filter((key) => sets.every((set) => set.has(key))).length
}

/** Names and descriptions from the first file that has the gene. */
function framed(frames: readonly Frame[], places: readonly Int32Array[], rows: number): Frame {
  const from = Array.from({ length: rows }, (): { file: number; column: number } | null => null)
  places.forEach((of, file) =>
    of.forEach((place, column) => {
      if (place >= 0) from[place] ??= { file, column }
    }),
  )
  const text = (values: (file: number) => ColumnValues | null): (string | null)[] =>
    from.map((origin) => {
      const of = origin && values(origin.file)
      return of ? textAt(of, origin.column) || null : null
    })
  const names = [...new Set(frames.flatMap((frame) => frame.columns.map((column) => column.name)))]
  const columns = names.map((name): FrameColumn => {
    const valuesOf = frames.map((frame) => frame.columns.find((column) => column.name === name)?.values ?? null)
    return { name, values: { kind: 'text', texts: text((file) => valuesOf[file] ?? null) } }
  })
  const index = from.map((origin) => (origin ? (frames[origin.file]?.index[origin.column] ?? '') : ''))
  return { rows, index, madeUp: frames.every((frame) => frame.madeUp), columns, problems: [] }
}
