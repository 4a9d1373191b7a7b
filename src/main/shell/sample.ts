// The two sample projects: bundled data, and a project file in the user's own folder that is made when first opened.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SampleName } from './launch'

const dataFiles: Readonly<Record<SampleName, string>> = { pbmc: 'pbmc68k_reduced.h5ad', synthetic: 'synthetic.h5ad' }

export interface SampleFiles {
  readonly projectPath: string
  readonly dataPath: string
  /** Whether the project was made before. */
  readonly exists: boolean
}

/** Where a sample lies. Makes the folder for the project, not the project. */
export function sampleFiles(sample: SampleName, folders: { readonly userData: string; readonly resources: string }): SampleFiles {
  const folder = join(folders.userData, 'samples')
  mkdirSync(folder, { recursive: true })
  const projectPath = join(folder, `${sample}.latiscope`)
  return { projectPath, dataPath: join(folders.resources, 'sample', dataFiles[sample]), exists: existsSync(projectPath) }
}
