// How the checkpoints of a run are named, for the trainer that writes them and the engine that lists and removes them.
import { readdirSync } from 'node:fs'

const pattern = /^(\d+)\.checkpoint$/

export const checkpointName = (step: number): string => `${step}.checkpoint`

/** Steps of the checkpoints in a folder, ascending as numbers; none when there is no folder. */
export function checkpointSteps(folder: string): number[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}
