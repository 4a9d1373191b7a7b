// The bridge in full: what the window sees, that it is frozen, and that it refuses to exist without a sandbox.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LatiscopeBridge } from '@contract'

const electron = vi.hoisted(() => {
  const listeners: ((event: unknown, message: unknown) => void)[] = []
  return {
    exposed: {} as Record<string, unknown>,
    invoked: [] as unknown[][],
    listeners,
    contextBridge: {
      exposeInMainWorld(name: string, value: unknown) {
        electron.exposed[name] = value
      },
    },
    ipcRenderer: {
      invoke(...message: unknown[]) {
        electron.invoked.push(message)
        return Promise.resolve({ ok: true, value: null })
      },
      on: (_channel: string, listener: (event: unknown, message: unknown) => void) => listeners.push(listener),
      off: (_channel: string, listener: (event: unknown, message: unknown) => void) =>
        listeners.splice(listeners.indexOf(listener), 1),
    },
    webUtils: { getPathForFile: (file: File) => `/dropped/${file.name}` },
  }
})
vi.mock('electron', () => electron)

const world = process as unknown as { sandboxed?: boolean; contextIsolated?: boolean }

async function load(): Promise<LatiscopeBridge> {
  vi.resetModules()
  await import('../../src/preload/index')
  return electron.exposed['latiscope'] as LatiscopeBridge
}

beforeEach(() => {
  world.sandboxed = true
  world.contextIsolated = true
  electron.exposed = {}
  electron.invoked.length = 0
})
afterEach(() => {
  delete world.sandboxed
  delete world.contextIsolated
})

describe('the bridge', () => {
  it('is one frozen object of four functions and a version', async () => {
    const bridge = await load()
    expect(Object.keys(electron.exposed)).toEqual(['latiscope'])
    expect(Object.isFrozen(bridge)).toBe(true)
    expect(Object.fromEntries(Object.entries(bridge).map(([name, value]) => [name, typeof value]))).toEqual({
      contractVersion: 'number',
      engine: 'function',
      shell: 'function',
      grantDropped: 'function',
      onEvent: 'function',
    })
  })

  it.each([
    ['sandbox', 'sandboxed'],
    ['isolation', 'contextIsolated'],
  ] as const)('does not exist without %s', async (_name, flag) => {
    world[flag] = false
    await expect(load()).rejects.toThrow(/sandboxed/)
    expect(electron.exposed).toEqual({})
  })

  it('sends on fixed channels, and the path of a dropped file instead of the file', async () => {
    const bridge = await load()
    await bridge.engine('run.list', {})
    await bridge.shell('theme.get', {})
    await bridge.grantDropped(new File(['x'], 'cells.h5ad'))
    expect(electron.invoked).toEqual([
      ['latiscope:engine', 'run.list', {}],
      ['latiscope:shell', 'theme.get', {}],
      ['latiscope:grant-dropped', '/dropped/cells.h5ad'],
    ])
  })

  it('hands on events without the ipc event, until told to stop', async () => {
    const bridge = await load()
    const seen: unknown[][] = []
    const stop = bridge.onEvent((...all) => seen.push(all))
    const message = { name: 'project.changed', payload: {} }
    for (const listener of [...electron.listeners]) listener({ sender: 'ipcRenderer' }, message)
    stop()
    for (const listener of [...electron.listeners]) listener({ sender: 'ipcRenderer' }, message)
    expect(seen).toEqual([[message]])
  })
})
