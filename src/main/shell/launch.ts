// What the user asked for when starting the program: a project file, a sample, or nothing. Pure.
// Invariant: a start argument only ever names a project; data files are chosen in the window.
import { isAbsolute, resolve } from 'node:path'

export type SampleName = 'pbmc' | 'synthetic'

export interface LaunchRequest {
  readonly projectPath: string | null
  readonly sample: SampleName | null
}

export const emptyRequest: LaunchRequest = { projectPath: null, sample: null }

const isSample = (text: string | undefined): text is SampleName => text === 'pbmc' || text === 'synthetic'

/** Reads `argv` without the program itself; relative paths are taken from `folder`. Unknown arguments are Chromium's and left alone. */
export function readArguments(argv: readonly string[], folder: string): LaunchRequest {
  let projectPath: string | null = null
  let sample: SampleName | null = null
  for (const [position, argument] of argv.entries()) {
    const name = argument.startsWith('--sample=')
      ? argument.slice('--sample='.length)
      : argument === '--sample'
        ? argv[position + 1]
        : undefined
    if (isSample(name)) sample = name
    else if (!argument.startsWith('-') && argument.toLowerCase().endsWith('.latiscope')) {
      projectPath = isAbsolute(argument) ? argument : resolve(folder, argument)
    }
  }
  return projectPath === null ? { projectPath, sample } : { projectPath, sample: null }
}

/** A request handed over by a second start of the program; anything malformed is no request. */
export function readHandedOver(value: unknown): LaunchRequest {
  if (typeof value !== 'object' || value === null) return emptyRequest
  const { projectPath, sample } = value as { projectPath?: unknown; sample?: unknown }
  return {
    projectPath: typeof projectPath === 'string' && projectPath.toLowerCase().endsWith('.latiscope') ? projectPath : null,
    sample: isSample(typeof sample === 'string' ? sample : undefined) ? (sample as SampleName) : null,
  }
}
