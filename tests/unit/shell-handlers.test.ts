// What the shell answers the window: tokens and names instead of paths, null for a cancelled dialog, files only where chosen.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shellMethods, type TextFile } from '@contract'
import * as v from 'valibot'
import { Grants } from '../../src/main/shell/grants'
import { emptyRequest, type LaunchRequest } from '../../src/main/shell/launch'
import { fileNameFrom, shellHandlers, type HandlerParts } from '../../src/main/shell/shell-handlers'
import { temporaryFolder } from '../temporary-folder'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64')

function handlers(chosen: string | null, overrides: Partial<HandlerParts> = {}) {
  const asked: string[] = []
  const shown: string[] = []
  const answer = (suggested = '') => {
    asked.push(suggested)
    return Promise.resolve(chosen)
  }
  const grants = new Grants(() => {})
  const dialogs = {
    chooseData: () => answer(),
    chooseModel: (what: 'folder' | 'file') => answer(what),
    chooseText: (what: TextFile) => answer(what),
    chooseProject: () => answer(),
    newProject: answer,
    chooseExport: answer,
    savePicture: answer,
    saveFigure: answer,
  }
  const recent = {
    list: () => [
      {
        path: '/home/somebody/a.latiscope',
        name: 'A',
        folder: '/home/somebody',
        openedAt: '2026-01-01T00:00:00Z',
        missing: true,
      },
    ],
    remove: (path: string) => shown.push(`removed ${path}`),
  }
  const parts: HandlerParts = {
    grants,
    dialogs,
    recent,
    versions: { version: '1', electron: '45', chrome: '1', node: '24', platform: 'x' },
    sampleFiles: () => ({ projectPath: '/user/samples/pbmc.latiscope', dataPath: '/app/pbmc.h5ad', exists: false }),
    takeLaunchRequest: () => emptyRequest,
    theme: () => 'dark',
    setTheme: (theme) => shown.push(theme),
    writeClipboard: (text) => void shown.push(text),
    showInFolder: (path) => shown.push(path),
    rememberFolder: () => {},
    ...overrides,
  }
  return { handle: shellHandlers(parts), grants, asked, shown }
}

describe('a file dialog', () => {
  it('gives a token and the name of what was chosen', async () => {
    const { handle, grants } = handlers('/home/somebody/cells.h5ad')
    const granted = await handle['files.chooseData']({})
    expect(granted).toMatchObject({ name: 'cells.h5ad', kind: 'data' })
    expect(grants.use(granted?.token ?? '', 'data')).toBe(true)
    expect(v.safeParse(shellMethods['files.chooseData'].result, granted).success).toBe(true)
  })

  it('gives nothing when it is cancelled', async () => {
    const { handle } = handlers(null)
    expect([
      await handle['files.chooseData']({}),
      await handle['files.chooseProject']({}),
      await handle['files.newProject']({ suggestedName: 'x' }),
      await handle['files.chooseExport']({ suggestedName: 'x' }),
      await handle['files.savePicture']({ suggestedName: 'x', pngBase64: png.toString('base64') }),
    ]).toEqual([null, null, null, null, null])
  })

  it('adds the ending of a project when the user left it out', async () => {
    const { handle, asked } = handlers('/data/My study')
    expect(await handle['files.newProject']({ suggestedName: 'My: study/1' })).toMatchObject({
      name: 'My study.latiscope',
      kind: 'project',
    })
    expect(asked).toEqual(['My study 1.latiscope'])
  })

  it.each([
    ['T cells', 'T cells'],
    ['../../etc/passwd', 'etc passwd'],
    ['a\\b\u0000c', 'a b c'],
    ['...', 'Untitled'],
  ])('suggests %j as %j', (text, name) => {
    expect(fileNameFrom(text)).toBe(name)
  })
})

describe('a picture', () => {
  it('is written where the user said, whole', async () => {
    const folder = temporaryFolder()
    const { handle } = handlers(join(folder, 'map'))
    expect(await handle['files.savePicture']({ suggestedName: 'map', pngBase64: png.toString('base64') })).toEqual({
      name: 'map.png',
    })
    expect(readFileSync(join(folder, 'map.png')).equals(png)).toBe(true)
  })

  it('that is no PNG is refused before any dialog', async () => {
    const folder = temporaryFolder()
    const { handle, asked } = handlers(join(folder, 'map.png'))
    await expect(
      handle['files.savePicture']({ suggestedName: 'map', pngBase64: Buffer.from('#!/bin/sh').toString('base64') }),
    ).rejects.toThrow(/BAD_REQUEST/)
    expect(asked).toEqual([])
    expect(existsSync(join(folder, 'map.png'))).toBe(false)
  })
})

describe('the other requests', () => {
  it('list recent projects with tokens instead of paths', async () => {
    const { handle, grants } = handlers(null)
    const [first] = await handle['recent.list']({})
    expect(first).toMatchObject({ name: 'A', missing: true })
    expect(grants.pathOf(first?.token ?? '')).toBe('/home/somebody/a.latiscope')
    expect(v.safeParse(shellMethods['recent.list'].result, await handle['recent.list']({})).success).toBe(true)
  })

  it('remove and show only what was granted', async () => {
    const { handle, grants, shown } = handlers(null)
    const { token } = grants.give('/data/a.latiscope', 'project')
    await handle['recent.remove']({ token })
    await handle['files.showInFolder']({ token })
    expect(shown).toEqual(['removed /data/a.latiscope', '/data/a.latiscope'])
    expect(() => handle['files.showInFolder']({ token: 'f'.repeat(32) })).toThrow(/BAD_REQUEST/)
    expect(() => handle['recent.remove']({ token: 'f'.repeat(32) })).toThrow(/BAD_REQUEST/)
  })

  it('hand out the start request', async () => {
    const requests: LaunchRequest[] = [{ projectPath: '/data/a.latiscope', sample: null }]
    const { handle } = handlers(null, { takeLaunchRequest: () => requests.shift() ?? emptyRequest })
    expect(await handle['launch.request']({})).toMatchObject({ project: { name: 'a.latiscope', kind: 'project' }, sample: null })
    expect(await handle['launch.request']({})).toEqual({ project: null, sample: null })
  })

  it('give a sample as project and data', async () => {
    const { handle } = handlers(null)
    expect(await handle['sample.files']({ sample: 'pbmc' })).toMatchObject({
      project: { name: 'pbmc.latiscope', kind: 'project' },
      data: { name: 'pbmc.h5ad', kind: 'data' },
      exists: false,
    })
  })
})
