// Where the native TensorFlow library lies; null when it has not been set up. Tests that need it say so in their name.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadBackend, type TensorFlowBinding } from '../../src/main/trainer/backend'

export const resources = resolve(import.meta.dirname, '../../resources')
export const hasNative = existsSync(join(resources, 'native', `${process.platform}-${process.arch}`, 'tfjs_binding.node'))
export const needsNative = hasNative ? '' : ' (needs resources/native: run npm run setup)'

/** The binding, loaded as the trainer loads it. */
export function loadNative(): TensorFlowBinding {
  process.env.LATISCOPE_RESOURCES = resources
  const { binding, info } = loadBackend(() => {})
  if (!binding) throw new Error(info.problem?.message ?? 'no binding')
  return binding
}
