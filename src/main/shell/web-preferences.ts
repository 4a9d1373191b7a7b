// The one set of web preferences every window gets. Pure, so that a test can compare it field by field.
// Invariant: nothing here is ever relaxed for a single window; a page has no Node, no popup powers and no remote content.
import type { WebPreferences } from 'electron'

/** The frozen preferences; `preload` is the absolute path of the built preload script. */
export function webPreferences(preload: string): Readonly<WebPreferences> {
  return Object.freeze({
    preload,
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
}
