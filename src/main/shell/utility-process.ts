// A helper process in Electron's own form: isolated, without window, ended with the program.
// Invariant: messages posted before the process runs are kept and sent in order; after its end they are dropped.
import { utilityProcess } from 'electron'
import { helperEnvironment, type HelperProcess } from '../base/child-process-port'

/** Forks `entry`; only the allowed environment variables and `environment` reach it. To be called after Electron is ready. */
export function forkUtility(entry: string, serviceName: string, environment: Readonly<Record<string, string>>): HelperProcess {
  const child = utilityProcess.fork(entry, [], {
    serviceName,
    env: helperEnvironment(environment),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let state: 'starting' | 'running' | 'ended' = 'starting'
  let killWanted = false
  const waiting: unknown[] = []
  const kill = (): void => {
    killWanted = true
    if (state !== 'running') return
    // The polite signal waits for native code to return; a training step or a long statement may not.
    if (child.pid === undefined) child.kill()
    else {
      try {
        process.kill(child.pid, 'SIGKILL')
      } catch {
        child.kill()
      }
    }
  }
  child.once('spawn', () => {
    state = 'running'
    for (const message of waiting.splice(0)) child.postMessage(message)
    if (killWanted) kill()
  })
  child.once('exit', () => {
    state = 'ended'
  })
  return {
    get pid() {
      return child.pid
    },
    post: (message) => {
      if (state === 'starting') waiting.push(message)
      else if (state === 'running') child.postMessage(message)
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', (code) => listener(code, endedBy(code))),
    kill,
  }
}

/** Electron reports a death by signal as its number (POSIX) or as 128 + number; anything else is an ordinary code. */
function endedBy(code: number): string | null {
  const names: Readonly<Record<number, string>> = { 4: 'SIGILL', 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' }
  return process.platform === 'win32' ? null : (names[code > 128 ? code - 128 : code] ?? null)
}
