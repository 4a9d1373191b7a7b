// Where the reference data lie that are not part of the repository; null when absent. Tests that need them say so in their name.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const folder = resolve(import.meta.dirname, '../../shared')
export const shared: string | null = existsSync(folder) ? folder : null
