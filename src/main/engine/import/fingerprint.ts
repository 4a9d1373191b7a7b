// The SHA-256 of the source files, taken by a thread of its own while the files are being read, so that a project can say exactly
// which files it came from without the import taking longer. A folder counts as the names, sizes and contents of its files in order.
import { basename, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SourceFile } from '@contract'
import { recognise } from './recognise'
import { folderFiles } from './zarr/store'

/** As text, so that no file has to be found beside a bundle. */
const hasherSource = `
const { createHash } = require('node:crypto')
const { closeSync, openSync, readSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const space = Buffer.alloc(4 * 1024 * 1024)
parentPort.postMessage(workerData.map((files) => {
  const hash = createHash('sha256')
  let bytes = 0
  for (const { path, head } of files) {
    hash.update(head)
    const handle = openSync(path, 'r')
    try {
      for (let read = readSync(handle, space); read > 0; read = readSync(handle, space)) {
        hash.update(space.subarray(0, read))
        bytes += read
      }
    } finally {
      closeSync(handle)
    }
  }
  return { bytes, sha256: hash.digest('hex') }
}))
`

export interface Fingerprints {
  /** Waits for the end; the error of a file that cannot be read any more is thrown here. */
  all(): Promise<SourceFile[]>
  stop(): void
}

/** A file to be named, and what is taken from it. */
export interface NamedSource {
  readonly path: string | null
  readonly part: SourceFile['part']
}

/** A file, and what goes into the hash before its content. */
interface Hashed {
  readonly path: string
  readonly head: string
}

/** The files a source consists of. */
function filesOf(path: string, folder: boolean): Hashed[] {
  if (!folder) return [{ path, head: '' }]
  const files = [...folderFiles(path, basename(path))].sort(([a], [b]) => (a < b ? -1 : 1))
  return files.map(([name, size]) => ({ path: join(path, name), head: `${name}\0${size}\0` }))
}

/** Starts at once. Nulls are passed over; the files that belong to a 10x matrix count as sources of their own. */
export function fingerprints(sources: readonly NamedSource[]): Fingerprints {
  let worker: Worker | null = null
  let stopped = false
  const work = async (): Promise<SourceFile[]> => {
    const files: string[] = []
    const folders = new Set<string>()
    const parts: SourceFile['part'][] = []
    for (const { path, part } of sources) {
      if (path === null) continue
      const { path: main, beside, folder = false } = await recognise(path)
      if (folder) folders.add(main)
      for (const file of [main, beside?.features, beside?.barcodes]) {
        if (!file || files.includes(file)) continue
        files.push(file)
        parts.push(part)
      }
    }
    if (stopped) return []
    const hashed = await new Promise<Pick<SourceFile, 'bytes' | 'sha256'>[]>((resolve, reject) => {
      worker = new Worker(hasherSource, {
        eval: true,
        workerData: files.map((file) => filesOf(file, folders.has(file))),
        stdin: false,
      })
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread that reads the source files ended')))
    })
    return hashed.map((each, at) => ({ name: basename(files[at] as string), ...each, part: parts[at] ?? 'rows' }))
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
