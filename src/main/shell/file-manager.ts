// The one gate to the system's file manager. It shows files the user chose and opens folders Latiscope made; never an address.
import { mkdirSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { shell } from 'electron'

/** Opens the file manager with `path` selected. */
export function showInFolder(path: string): void {
  if (isAbsolute(path)) shell.showItemInFolder(path)
}

/** Opens a folder of Latiscope's own, making it when it is absent. */
export async function openOwnFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await shell.openPath(folder)
}
