// Which kind of process runs the engine and the trainer. The database binding needs Node-API 10 and takes the whole process
// down where it is missing, so the number is looked at before anything is forked.
import type { HelperProcess } from '../base/child-process-port'
import { outsideArchive, type AppPaths } from './paths'

/** Lowest Node-API version the database binding runs on. */
const engineNapi = 10

export interface HelperChoice {
  readonly napi: number
  /** A separate Node ≥ 22.14; looked at only when this Electron's Node-API is too old. */
  readonly nodePath: string | undefined
  readonly paths: AppPaths
  readonly cacheFolder: string
  forkUtility(entry: string, serviceName: string, environment: Readonly<Record<string, string>>): HelperProcess
  forkNode(nodePath: string, entry: string, environment: Readonly<Record<string, string>>): HelperProcess
}

export interface HelperForks {
  readonly engineIn: 'utility process' | 'separate Node'
  forkEngine(): HelperProcess
  forkTrainer(): HelperProcess
  forkReader(): HelperProcess
}

/** Decides once. Throws when the engine could not run anywhere: this Electron is too old and no separate Node was named. */
export function helperForks(choice: HelperChoice): HelperForks {
  const environment = { LATISCOPE_RESOURCES: choice.paths.resources, LATISCOPE_CACHE: choice.cacheFolder }
  const forkTrainer = (): HelperProcess => choice.forkUtility(choice.paths.trainerEntry, 'Latiscope trainer', environment)
  const forkReader = (): HelperProcess => choice.forkUtility(choice.paths.readerEntry, 'Latiscope reader', environment)
  if (choice.napi >= engineNapi) {
    return {
      engineIn: 'utility process',
      forkEngine: () => choice.forkUtility(choice.paths.engineEntry, 'Latiscope engine', environment),
      forkTrainer,
      forkReader,
    }
  }
  const nodePath = choice.nodePath
  if (nodePath === undefined || nodePath === '') {
    throw new Error(
      `Node-API ${choice.napi} is too old for the engine (needs ${engineNapi}) and LATISCOPE_NODE names no separate Node`,
    )
  }
  return {
    engineIn: 'separate Node',
    forkEngine: () => choice.forkNode(nodePath, outsideArchive(choice.paths.engineEntry), environment),
    forkTrainer,
    forkReader,
  }
}
