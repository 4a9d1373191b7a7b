// The verbs seeds, find-k, find-size and controls.
import type { ControlsReport, RunControls, SearchReport, SeedsReport, TrainRequest } from '@contract'
import { refuse } from '../../base/refusal'
import type { Answer, VerbAction } from '../answer'
import type { Command } from '../arguments'
import { decimal, oneOf, text, whole, word } from '../options'
import type { Session } from '../session'
import { architectures } from './train-options'

const defaultSeeds = 2

export const stabilityActions = {
  seeds: async (session, { words, options }) => {
    await session.open(word(words, 0))
    const started = await session.call('seeds.start', {
      run: whole(options, 'run'),
      seeds: whole(options, 'seeds') ?? defaultSeeds,
      consensus: options['consensus'] === true,
    })
    return { ...((await session.finish(started)) as SeedsReport) }
  },
  'find-k': (session, command) => search(session, command, command.options['size'] === true ? 'size' : 'k'),
  'find-size': (session, command) => search(session, command, 'size'),
  controls: async (session, { words, options }) => {
    await session.open(word(words, 0))
    const wanted = namesOf(text(options, 'add') ?? 'ica,nmf', 'add')
    const started = await session.call('controls.start', { run: whole(options, 'run'), wanted })
    return { ...((await session.finish(started)) as ControlsReport) }
  },
} satisfies Record<string, VerbAction>

async function search(session: Session, { words, options }: Command, what: 'k' | 'size'): Promise<Answer> {
  await session.open(word(words, 0))
  const asked = {
    arch: oneOf(options, 'arch', architectures),
    steps: whole(options, 'steps'),
    seed: whole(options, 'seed'),
    heldOut: decimal(options, 'held-out'),
    latents: whole(options, 'latents'),
    k: whole(options, 'k'),
  }
  const settings = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null)) as TrainRequest
  const values = text(options, 'values')
  const started = await session.call('search.start', { what, settings, ...(values !== null && { values: numbersOf(values) }) })
  return { ...((await session.finish(started)) as SearchReport) }
}

function numbersOf(list: string): number[] {
  return list.split(',').map((each) => {
    const value = Number(each)
    if (each.trim() === '' || !Number.isInteger(value) || value < 1)
      refuse('USAGE', { what: `--values needs whole numbers with commas between them; it was "${list}".` })
    return value
  })
}

function namesOf(list: string, option: string): ('ica' | 'nmf')[] {
  return list
    .split(',')
    .map(
      (each) =>
        (['ica', 'nmf'] as const).find((name) => name === each.trim()) ??
        refuse('USAGE', { what: `--${option} needs ica, nmf or both with a comma between them; it was "${list}".` }),
    )
}

/** The controls asked for with a training, computed after it; null when none were. */
export async function moreControls(
  session: Session,
  run: number | null,
  options: Command['options'],
): Promise<RunControls | null> {
  const list = text(options, 'controls')
  if (list === null) return null
  const started = await session.call('controls.start', { run, wanted: namesOf(list, 'controls') })
  return ((await session.finish(started)) as ControlsReport).controls
}
