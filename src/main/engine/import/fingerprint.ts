// The SHA-256 of the source files, taken by a thread of its own while the files are being read, so that a project can say exactly
// which files it came from without the import taking longer.
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ImportedSource } from './imported-data'
import { recognise } from './recognise'

/** As text, so that no file has to be found beside a bundle. */
const hasherSource = `
const { createHash } = require('node:crypto')
const { closeSync, openSync, readSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const space = Buffer.alloc(4 * 1024 * 1024)
parentPort.postMessage(workerData.map((path) => {
  const hash = createHash('sha256')
  const handle = openSync(path, 'r')
  try {
    let bytes = 0
    for (let read = readSync(handle, space); read > 0; read = readSync(handle, space)) {
      hash.update(space.subarray(0, read))
      bytes += read
    }
    return { bytes, sha256: hash.digest('hex') }
  } finally {
    closeSync(handle)
  }
}))
`

export interface Fingerprints {
  /** Waits for the end; the error of a file that cannot be read any more is thrown here. */
  all(): Promise<ImportedSource[]>
  stop(): void
}

/** Starts at once. Nulls are passed over; the files that belong to a 10x matrix count as sources of their own. */
export function fingerprints(paths: readonly (string | null)[]): Fingerprints {
  let worker: Worker | null = null
  let stopped = false
  const work = async (): Promise<ImportedSource[]> => {
    const files: string[] = []
    for (const path of paths) {
      if (path === null) continue
      const { path: main, beside } = await recognise(path)
      for (const file of [main, beside?.features, beside?.barcodes]) if (file && !files.includes(file)) files.push(file)
    }
    if (stopped) return []
    const hashed = await new Promise<Pick<ImportedSource, 'bytes' | 'sha256'>[]>((resolve, reject) => {
      worker = new Worker(hasherSource, { eval: true, workerData: files, stdin: false })
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread that reads the source files ended')))
    })
    return hashed.map((each, at) => ({ name: basename(files[at] as string), ...each }))
  }
  const result = work()
  // Whoever does not wait for the result does not need its error either.
  result.catch(() => undefined)
  return {
    all: () => result,
    stop: () => {
      stopped = true
      void worker?.terminate()
    },
  }
}
