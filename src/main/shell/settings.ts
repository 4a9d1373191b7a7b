// What Latiscope remembers about this computer's user: appearance, window, folder, zoom. Nothing about data.
import { join } from 'node:path'
import { Theme } from '@contract'
import * as v from 'valibot'
import { JsonFile } from './json-file'
import { WindowState } from './window-state'

const SettingsSchema = v.object({
  theme: v.optional(Theme, 'system'),
  window: v.optional(v.nullable(WindowState), null),
  zoom: v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(2)), 1),
  /** Folder of the last chosen file, offered by the next dialog. */
  folder: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(4096))), null),
})
export type Settings = v.InferOutput<typeof SettingsSchema>

export const defaultSettings: Settings = v.parse(SettingsSchema, {})

/** Opens settings.json in `folder`. Entries an older version did not know take their default; a wrong value sets the file aside. */
export function openSettings(folder: string, onFailure: (error: unknown) => void): JsonFile<Settings> {
  return new JsonFile(join(folder, 'settings.json'), SettingsSchema, defaultSettings, onFailure)
}
