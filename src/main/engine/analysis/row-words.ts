// Sentences about rows are written for cells; where rows are genes or proteins these words take the place of "cell" and "cells".
import type { RowKind } from '@contract'
import type { Engine } from '../engine'

const nouns: Readonly<Record<RowKind, readonly [one: string, many: string]>> = {
  cells: ['cell', 'cells'],
  genes: ['gene', 'genes'],
  proteins: ['protein', 'proteins'],
}

/** A sentence of ours, which names no term, group or cell type, in the words of the rows of the open data. */
export function inRowWords(engine: Engine, sentence: string): string {
  const [one, many] = nouns[engine.dataset.rowKind]
  return sentence.replace(/\b(c|C)ell(s?)\b/g, (_word, first: string, s: string) => {
    const noun = s === '' ? one : many
    return first === 'C' ? noun.charAt(0).toUpperCase() + noun.slice(1) : noun
  })
}
