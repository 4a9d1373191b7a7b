// Every window gets exactly these preferences; a new field or a changed value must be decided here, too.
import { describe, expect, it } from 'vitest'
import { webPreferences } from '../../src/main/shell/web-preferences'

describe('the web preferences of a window', () => {
  it('are exactly the strict ones', () => {
    expect(webPreferences('/app/preload.cjs')).toEqual({
      preload: '/app/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      plugins: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: true,
    })
  })

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(webPreferences('/app/preload.cjs'))).toBe(true)
  })
})
