// The words and options of a command as values; what does not fit is refused with USAGE.
import type { Aspect } from '@contract'
import { refuse } from '../base/refusal'
import type { Command } from './arguments'
import type { Session } from './session'

type Options = Command['options']

export function word(words: readonly string[], at: number): string {
  return words[at] ?? refuse('USAGE', { what: 'A file name is missing.' })
}

export function text(options: Options, name: string): string | null {
  const value = options[name]
  return typeof value === 'string' ? value : null
}

export function decimal(options: Options, name: string): number | null {
  const value = text(options, name)
  if (value === null) return null
  const number = Number(value)
  if (value.trim() === '' || !Number.isFinite(number)) refuse('USAGE', { what: `--${name} needs a number; it was "${value}".` })
  return number
}

export function whole(options: Options, name: string): number | null {
  const number = decimal(options, name)
  if (number !== null && (!Number.isInteger(number) || number < 0))
    refuse('USAGE', { what: `--${name} needs a whole number from 0 up; it was "${text(options, name)}".` })
  return number
}

export function oneOf<T extends string>(options: Options, name: string, allowed: readonly T[]): T | null {
  const value = text(options, name)
  if (value === null) return null
  return (
    allowed.find((each) => each === value) ??
    refuse('USAGE', { what: `--${name} is one of ${allowed.join(', ')}; it was "${value}".` })
  )
}

export const aspectOf = (options: Options): Aspect | null => oneOf(options, 'aspect', ['BP', 'MF', 'CC'] as const)

/** A token for the file of an option; null without the option. */
export function granted(session: Session, options: Options, name: string): string | null {
  const path = text(options, name)
  return path === null ? null : session.grant(path, 'data')
}
