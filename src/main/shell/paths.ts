// Where the parts of the installed program lie. Pure; the same layout in a clone, a packed folder and an archive.
import { join, resolve } from 'node:path'

export interface AppPaths {
  readonly preload: string
  readonly renderer: string
  readonly resources: string
  readonly engineEntry: string
  readonly trainerEntry: string
  readonly readerEntry: string
  readonly icon: string
}

/**
 * `builtMain` is the folder of the built main process (…/out/main); `packedResources` is Electron's resources folder in a
 * packed program and null in a clone.
 */
export function appPaths(builtMain: string, packedResources: string | null): AppPaths {
  const out = resolve(builtMain, '..')
  const resources = packedResources ?? resolve(out, '..', 'resources')
  return {
    preload: join(out, 'preload', 'index.cjs'),
    renderer: join(out, 'renderer'),
    resources,
    engineEntry: join(out, 'main', 'engine.js'),
    trainerEntry: join(out, 'main', 'trainer.js'),
    readerEntry: join(out, 'main', 'reader.js'),
    icon: join(resources, 'icons', 'latiscope.png'),
  }
}

/** A plain Node program cannot read inside the archive: its copy lies beside it. */
export const outsideArchive = (path: string): string => path.replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked')
