// Runs the built command line as a user would, with JSON answers.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
export const builtCli = resolve(root, 'out/main/cli.js')
export const nativeFolder = resolve(root, 'resources/native', `${process.platform}-${process.arch}`)
export const hasNative = existsSync(nativeFolder)
export const sampleFile = resolve(root, 'resources/sample/pbmc68k_reduced.h5ad')

export interface CliAnswer {
  readonly code: number | null
  readonly json: Readonly<Record<string, unknown>>
  readonly stderr: string
}

export interface RunningCli {
  readonly process: ChildProcess
  readonly ended: Promise<CliAnswer>
  stderr(): string
}

/** Starts a verb without waiting for its end; an object in front is added to the environment. */
export function startCli(...given: (string | Readonly<Record<string, string>>)[]): RunningCli {
  const words = given.filter((word) => typeof word === 'string')
  const env = Object.assign({}, process.env, ...given.filter((word) => typeof word !== 'string')) as NodeJS.ProcessEnv
  const child = spawn(process.execPath, [builtCli, ...words, '--json'], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<CliAnswer>((done) =>
    child.on('close', (code) => done({ code, json: stdout === '' ? {} : (JSON.parse(stdout) as CliAnswer['json']), stderr })),
  )
  return { process: child, ended, stderr: () => stderr }
}

/** Runs a verb to its end. */
export const cli = (...words: string[]): Promise<CliAnswer> => startCli(...words).ended

/** Runs a verb that must succeed. */
export async function cliAnswer<T>(...words: string[]): Promise<T> {
  const { code, json, stderr } = await cli(...words)
  if (code !== 0)
    throw new Error(`latiscope ${words.join(' ')} ended with ${code}: ${JSON.stringify(json)} ${stderr.slice(-2000)}`)
  return json as T
}
