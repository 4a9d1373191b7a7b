// The command line: one verb, one answer. Results go to standard output, progress and logs to standard error.
// Exit codes: 0 done, 2 wrong usage, 3 input refused, 4 internal error, 130 cancelled.
import { appError, type AppError, type ErrorCode } from '@contract'
import { errorValue } from './base/refusal'
import { helpText, parseCommand } from './cli/arguments'
import { readable, readableError } from './cli/readable'
import { Session, type Progress } from './cli/session'
import { actions } from './cli/verbs'

const usageCodes: readonly ErrorCode[] = ['USAGE', 'NOT_AVAILABLE', 'BAD_REQUEST']
const internalCodes: readonly ErrorCode[] = [
  'INTERNAL',
  'ENGINE_GONE',
  'TIMEOUT',
  'TRAINER_GONE',
  'OUT_OF_MEMORY',
  'ONTOLOGY_MISSING',
  'DISK_FULL',
]

const words = process.argv.slice(2).filter((each) => each !== '--json')
const json = process.argv.includes('--json')

function exitCode(error: AppError): number {
  if (error.code === 'CANCELLED') return 130
  if (usageCodes.includes(error.code)) return 2
  return internalCodes.includes(error.code) ? 4 : 3
}

function showProgress(progress: Progress): void {
  const { job, step, of, secondsLeft, phase } = progress
  if (json) process.stderr.write(`${JSON.stringify({ job, step, of, secondsLeft, phase })}\n`)
  else if (process.stderr.isTTY)
    process.stderr.write(
      `\r${phase} ${step} of ${of}${secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`}      ${step >= of ? '\n' : ''}`,
    )
}

/** Writes to a pipe completely before the process ends. */
const print = (text: string): Promise<void> => new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()))

async function main(): Promise<number> {
  if (words.length === 0 || words.includes('--help') || words.includes('-h')) {
    await print(helpText(words.find((each) => !each.startsWith('-'))))
    return words.length === 0 ? 2 : 0
  }
  let session: Session | null = null
  try {
    const command = parseCommand(words)
    if (!supportedNode())
      return await fail({
        ...appError('INTERNAL'),
        message: `Latiscope needs Node 22.14 or newer; this is ${process.versions.node}.`,
        remedy: 'Install a newer Node.',
      })
    session = new Session(showProgress)
    const answer = await actions[command.verb](session, command)
    await print(json ? JSON.stringify(answer) : readable(command.verb, answer))
    return 0
  } catch (thrown) {
    return await fail(
      errorValue(thrown, (bug, ref) => process.stderr.write(`${ref}: ${bug instanceof Error ? bug.stack : String(bug)}\n`)),
    )
  } finally {
    await session?.end()
  }
}

async function fail(error: AppError): Promise<number> {
  const { code, message, remedy } = error
  if (json) await print(JSON.stringify({ error: { code, message, remedy } }))
  else process.stderr.write(`${readableError(error)}\n`)
  return exitCode(error)
}

function supportedNode(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 14)
}

process.exitCode = await main()
process.exit()
