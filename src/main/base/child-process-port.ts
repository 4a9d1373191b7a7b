// A helper process as the shell and the command line see it, and its Node form. The Electron form is in shell/.
import { fork } from 'node:child_process'

export interface HelperProcess {
  readonly pid: number | undefined
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** `signal` is set when the process was killed or crashed. */
  onExit(listener: (code: number | null, signal: string | null) => void): void
  kill(): void
}

/** Only these variables reach a helper process: nothing of the user's environment leaks into it or steers it. */
export function helperEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const allowed = [
    'PATH',
    'HOME',
    'USERPROFILE',
    'TMPDIR',
    'TEMP',
    'TMP',
    'LANG',
    'SYSTEMROOT',
    'XDG_CACHE_HOME',
    'LOCALAPPDATA',
    'LATISCOPE_CACHE',
    'LATISCOPE_CHECKPOINT_SECONDS',
    'LATISCOPE_LIBRARY',
  ]
  const kept: Record<string, string> = {}
  for (const name of allowed) {
    const value = process.env[name]
    if (value !== undefined) kept[name] = value
  }
  return { ...kept, ...extra }
}

/** Forks `entry` with the Node at `nodePath`; typed arrays pass by copy. */
export function forkNode(nodePath: string, entry: string, environment: Readonly<Record<string, string>>): HelperProcess {
  const child = fork(entry, [], {
    execPath: nodePath,
    execArgv: [],
    serialization: 'advanced',
    env: helperEnvironment(environment),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.on('error', () => {})
  return {
    get pid() {
      return child.pid
    },
    post: (message) => {
      if (child.connected) child.send(message as object, () => {})
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => {
      let told = false
      const tell = (code: number | null, signal: string | null): void => {
        if (!told) listener(code, signal)
        told = true
      }
      child.on('exit', tell)
      child.on('error', () => tell(null, 'not started'))
    },
    kill: () => child.kill('SIGKILL'),
  }
}
