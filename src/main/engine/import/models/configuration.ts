// A JSON configuration of another tool, read with care: every value is asked for by name and kind.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { refuse } from '../../../base/refusal'

const largestBytes = 1 << 24

export class Configuration {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  text(name: string): string | null {
    const value = this.values[name]
    return typeof value === 'string' ? value : null
  }

  /** A whole number above 0, also when it is written as text. */
  whole(name: string): number | null {
    const value = Number(this.values[name] ?? NaN)
    return Number.isSafeInteger(value) && value > 0 ? value : null
  }

  flag(name: string): boolean | null {
    const value = this.values[name]
    return typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : null
  }

  part(name: string): Configuration {
    const value = this.values[name]
    return new Configuration(typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})
  }
}

/** A configuration file, or values that are known already. Refuses with FILE_NOT_FOUND, FILE_DAMAGED. */
export function readJson(path: string, values?: Readonly<Record<string, unknown>>): Configuration {
  if (values !== undefined) return new Configuration(values)
  const file = basename(path)
  if (!existsSync(path)) refuse('FILE_NOT_FOUND', { file })
  if (statSync(path).size > largestBytes) refuse('FILE_DAMAGED', { file, why: 'it is too long for a configuration' })
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return new Configuration(parsed as Record<string, unknown>)
  } catch {
    // Said below: whatever stands there, it is no configuration.
  }
  return refuse('FILE_DAMAGED', { file, why: 'it is not readable as JSON' })
}
