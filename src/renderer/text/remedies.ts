// What the engine says, as the window says it: the engine serves the command line too and names its options, which mean
// nothing to somebody at a screen where the answer is a click away.
import type { Inspection } from '@contract'

/** Remedies whose whole sentence is about an option; at the screen there is another way. */
const ownRemedies: Readonly<Record<string, string>> = {
  JOIN_NO_MATCH:
    'Check that both files hold the same cells. If they do, in the same order, tick “Row 1 is the same cell in all these files”.',
  JOIN_PARTIAL: 'Choose a file that holds every cell, or start a new project and add this file beside the first one.',
  APPEND_UNCLEAR:
    'Say under “What the file adds” what it holds; for the same cells in the same order, tick “Row 1 is the same cell in all these files”.',
  APPEND_AFTER_RUNS: 'Start a new project from all files: choose the first one, and add the others under “More cells”.',
  GENES_SHARED: 'To keep them, with missing ones counted as not seen, choose “all genes” beside the files of more cells.',
  SPECIES_UNCLEAR: 'Choose the species under “Gene names”, or a table of genes of your own.',
  SPECIES_MIXED: 'To use the other species, choose it under “Gene names”.',
  ROWS_ARE_FEATURES: 'If the rows are cells after all, choose “cells” beside “rows are”, above the preview.',
  PROTEINS_UNKNOWN:
    'Install an annotation file keyed by UniProt for this species under “Ontologies” (goa_human.gaf.gz for human): it names the gene of every protein. Then choose this file again.',
  GENE_NUMBERS: 'If they are Entrez ids, say so under “Gene names”; otherwise write the file again with gene names.',
}

const options = /\s*\((?:verb [^()]*|--[^();]*)\)/g
const optionThenFacts = /\(--[^();]*;\s*([^()]*)\)/g

/** The remedy without options of the command line. */
export function windowRemedy({ code, remedy }: { readonly code: string; readonly remedy: string }): string {
  const own = /--|\bimport NEW\b/.test(remedy) ? ownRemedies[code] : undefined
  return own ?? remedy.replace(optionThenFacts, '($1)').replace(options, '')
}

export const atWindow = <P extends { readonly code: string; readonly remedy: string }>(problem: P): P => ({
  ...problem,
  remedy: windowRemedy(problem),
})

/** The report of a review with the remedies as the window says them. */
export function windowReport({ report, problems }: Pick<Inspection, 'report' | 'problems'>): string {
  const lines = report.split('\n').map((line) => {
    const problem = problems.find(({ code, message, remedy }) => line.includes(`${code}: ${message} ${remedy}`))
    return problem ? line.replace(problem.remedy, () => windowRemedy(problem)) : line
  })
  return lines.join('\n')
}

export interface Recipe {
  readonly title: string
  readonly lines: readonly string[]
}

/** The lines to type in R where only R can open a file, one command a line, so that all of them run as pasted; null for other remedies. */
export function recipeOf({ code, remedy }: { readonly code: string; readonly remedy: string }): Recipe | null {
  if (code !== 'EXPORT_FIRST' || !remedy.startsWith('In R: ')) return null
  const [commands = '', plain = ''] = remedy.slice('In R: '.length).split(/\.\s+Without extra packages: /)
  const steps = commands.replace(/\.$/, '').split(/;\s+/)
  const lines = steps.flatMap((step) => calls(step).flatMap((call, at) => (at === 0 ? [call] : [`# or: ${call}`])))
  const without = calls(plain.replace(/\.$/, ''))
  return { title: recipeText.inR, lines: plain === '' ? lines : [...lines, recipeText.without, ...without] }
}

/** The calls in a sentence such as `f(a, b), g(c) or h(d)`, each with what is assigned from it; commas inside one stay. */
function calls(sentence: string): string[] {
  const found: string[] = []
  let [start, depth] = [0, 0]
  for (let at = 0; at < sentence.length; at++) {
    if (sentence[at] === '(') depth++
    if (sentence[at] !== ')') continue
    depth--
    if (depth > 0) continue
    found.push(sentence.slice(start, at + 1).replace(/^(?:,| )*(?:(?:or|and) )?/, ''))
    start = at + 1
  }
  return found
}

export const recipeText = {
  inR: 'Type this in R, then choose the new file here',
  without: '# without extra packages:',
  copy: 'Copy these lines',
  remedy: 'The data can be exported from R in two lines. Nothing was stored.',
} as const
