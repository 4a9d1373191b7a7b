// Starts programs for the verbs of tools/run.mjs and waits for their exit code.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

/**
 * @param {string} program @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string, output?: 'same' | 'stderr', forwardSignals?: boolean }} [options]
 *   output `stderr` keeps stdout free for a result
 * @returns {Promise<number>} exit code; 128 + number after a signal, as shells do
 */
export function start(program, args, { env, cwd, output = 'same', forwardSignals = false } = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['inherit', output === 'stderr' ? 2 : 'inherit', 'inherit'],
    })
    const stopForwarding = forwardSignals ? forwardSignalsTo(child) : () => undefined
    child.once('error', (error) => {
      stopForwarding()
      failed(error)
    })
    child.once('close', (code, signal) => {
      stopForwarding()
      done(code ?? 128 + (signalNumbers[signal ?? 'SIGTERM'] ?? 0))
    })
  })
}

/** @type {Partial<Record<NodeJS.Signals, number>>} */
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGILL: 4, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }

/**
 * Ctrl-C on a terminal reaches the child by itself, being sent to the whole process group; sent on as well it would
 * arrive twice and read as "stop at once". All other signals reach only this process.
 */
function forwardSignalsTo(/** @type {import('node:child_process').ChildProcess} */ child) {
  const onInterrupt = () => void (process.stdin.isTTY || child.kill('SIGINT'))
  const onTerminate = () => void child.kill('SIGTERM')
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return () => {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onTerminate)
  }
}

/** The files of the development tools, to be run with the Node of the set-up, never through `.bin`. */
export const toolPaths = {
  electronVite: join('node_modules', 'electron-vite', 'bin', 'electron-vite.js'),
  vueTsc: join('node_modules', 'vue-tsc', 'bin', 'vue-tsc.js'),
  eslint: join('node_modules', 'eslint', 'bin', 'eslint.js'),
  prettier: join('node_modules', 'prettier', 'bin', 'prettier.cjs'),
  vitest: join('node_modules', 'vitest', 'vitest.mjs'),
}
