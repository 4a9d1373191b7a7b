// The verbs that look into files and bring them into a project, and the answers a user can give to what a file leaves open.
import { AdditionKind, RowKind, Verdict, type CellFilter, type FilesBeside, type ImportChoice, type Role } from '@contract'
import { refuse } from '../../base/refusal'
import type { Answer } from '../answer'
import type { Command } from '../arguments'
import { granted, oneOf, text } from '../options'
import type { Session } from '../session'
import { geneChoice } from './term-options'

type Options = Command['options']

export async function inspect(session: Session, { words, options }: Command): Promise<Answer> {
  const [file = ''] = words
  session.prepareReader()
  const beside = filesBeside(session, options, words.slice(1))
  return {
    ...(await session.call('source.inspect', {
      file: session.grant(file, 'data'),
      choice: choiceOf(options),
      beside,
      geneTable: granted(session, options, 'gene-table'),
    })),
  }
}

export async function importFiles(session: Session, { words, options }: Command): Promise<Answer> {
  const [project = '', file = '', ...more] = words
  if (options['append'] === true) return append(session, project, [file, ...more], options)
  if (options['as'] !== undefined) refuse('USAGE', { what: '--as says what --append adds; it does nothing without it.' })
  const choice = choiceOf(options)
  session.prepareReader()
  await session.open(project)
  const started = await session.call('import.start', {
    file: session.grant(file, 'data'),
    choice,
    beside: filesBeside(session, options, more),
    geneTable: granted(session, options, 'gene-table'),
  })
  return (await session.finish(started)) as Answer
}

/** Adds each file in turn; the answer is that of the last one. */
async function append(session: Session, project: string, files: readonly string[], options: Options): Promise<Answer> {
  for (const name of ['metadata', 'expression-file'] as const) {
    if (options[name] !== undefined) {
      refuse('USAGE', {
        what: `--${name} goes with a first import.`,
        next: `Add that file by itself: import ${project} FILE --append.`,
      })
    }
  }
  const choice = choiceOf(options)
  const kind = oneOf(options, 'as', AdditionKind.options)
  await session.open(project)
  let answer: Answer = {}
  for (const file of files) {
    const started = await session.call('import.add', {
      file: session.grant(file, 'data'),
      kind,
      choice,
      ids: granted(session, options, 'ids'),
      byPosition: options['by-position'] === true,
      geneTable: granted(session, options, 'gene-table'),
      genePositions: granted(session, options, 'gene-positions'),
    })
    answer = (await session.finish(started)) as Answer
  }
  return answer
}

export const filesBeside = (session: Session, options: Options, more: readonly string[] = []): FilesBeside => ({
  metadata: granted(session, options, 'metadata'),
  ids: granted(session, options, 'ids'),
  expression: granted(session, options, 'expression-file'),
  byPosition: options['by-position'] === true,
  more: more.map((path) => session.grant(path, 'data')),
  genePositions: granted(session, options, 'gene-positions'),
})

function choiceOf(options: Options): ImportChoice {
  const transposed = oneOf(options, 'transposed', ['yes', 'no'] as const)
  return {
    representation: text(options, 'representation'),
    expression: text(options, 'expression'),
    roles: roles(options['role']),
    dropMissing: options['drop-missing'] === true,
    renameDuplicates: options['rename-duplicates'] === true,
    rowKind: oneOf(options, 'rows', RowKind.options),
    verdict: oneOf(options, 'verdict', Verdict.options),
    header: oneOf(options, 'header', ['yes', 'no'] as const),
    transposed: transposed === null ? null : transposed === 'yes',
    cells: listed(options['cells']).map(cellFilter),
    map: text(options, 'map'),
    geneColumn: text(options, 'gene-column'),
    genes: geneChoice(options),
    genesOfSeveral: oneOf(options, 'genes', ['shared', 'all'] as const) ?? 'shared',
  }
}

/** COLUMN=VALUE or COLUMN!=VALUE; the first equals sign divides. */
function cellFilter(words: string): CellFilter {
  const found = /^(.+?)(!?=)(.*)$/s.exec(words)
  if (!found) return refuse('USAGE', { what: `--cells needs COLUMN=VALUE or COLUMN!=VALUE; it was "${words}".` })
  const [, column = '', sign, value = ''] = found
  return { column, equal: sign === '=', value }
}

const listed = (given: Options[string] | undefined): readonly string[] =>
  given === undefined || given === true ? [] : typeof given === 'string' ? [given] : given

function roles(given: Options[string] | undefined): Record<string, Role> {
  return Object.fromEntries(
    listed(given).map((pair) => {
      const at = pair.lastIndexOf('=')
      const role = (['cell-type', 'donor', 'batch', 'condition'] as const).find((each) => each === pair.slice(at + 1))
      if (at < 1 || !role)
        refuse('USAGE', { what: `--role needs COLUMN=cell-type, donor, batch or condition; it was "${pair}".` })
      return [pair.slice(0, at), role]
    }),
  )
}
