// The bridge: the one frozen object the window sees. No ipcRenderer, no environment, no path crosses it.
// Invariant: nothing is exposed outside a sandboxed, isolated renderer, so the bridge itself proves both.
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { LatiscopeBridge, Result } from '@contract'
import { contractVersion } from './contract/version'

if (!process.sandboxed || !process.contextIsolated) throw new Error('The bridge needs a sandboxed and isolated window.')

const bridge: LatiscopeBridge = Object.freeze({
  contractVersion,
  engine: (method: string, params: unknown) => ipcRenderer.invoke('latiscope:engine', method, params) as Promise<Result<unknown>>,
  shell: (method: string, params: unknown) => ipcRenderer.invoke('latiscope:shell', method, params) as Promise<Result<unknown>>,
  grantDropped: (file: File) =>
    ipcRenderer.invoke('latiscope:grant-dropped', webUtils.getPathForFile(file)) as Promise<Result<unknown>>,
  onEvent: (listener: (event: { name: string; payload: unknown }) => void) => {
    const hear = (_event: unknown, message: { name: string; payload: unknown }): void => listener(message)
    ipcRenderer.on('latiscope:event', hear)
    return () => {
      ipcRenderer.off('latiscope:event', hear)
    }
  },
})

contextBridge.exposeInMainWorld('latiscope', bridge)
