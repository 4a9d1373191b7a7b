// The one window. Frame by Electron's title-bar overlay, so that the page draws the bar and the system its buttons.
// Invariants: only this file makes windows, all with the same preferences; nothing is shown before its first paint.
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { JsonFile } from './json-file'
import type { Settings } from './settings'
import { correctedBounds, smallestWindow } from './window-state'
import { webPreferences } from './web-preferences'

/** Height of the page's title bar in pixels, and its colours (the design's chrome and secondary text). */
const titleBarHeight = 44
const chrome = {
  light: { color: '#F5F4F1', symbolColor: '#54575B' },
  dark: { color: '#15181A', symbolColor: '#B6BABF' },
} as const

/** How long the first paint may take after the page is loaded, and after the start, before the window is shown anyway. */
const afterLoadMs = 400
const latestShowMs = 4_000

const presentChrome = (): (typeof chrome)['light' | 'dark'] => (nativeTheme.shouldUseDarkColors ? chrome.dark : chrome.light)

export interface WindowOptions {
  readonly preload: string
  readonly icon: string
  readonly address: string
  readonly settings: JsonFile<Settings>
  readonly onLoadFailed: (reason: string) => void
}

/** Opens the main window with the remembered place, size and zoom. */
export function openMainWindow(options: WindowOptions): BrowserWindow {
  const { settings } = options
  const screens = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map((display) => display.workArea)
  const isMac = process.platform === 'darwin'
  const window = new BrowserWindow({
    ...correctedBounds(settings.current.window, screens),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    title: 'Latiscope',
    icon: options.icon,
    backgroundColor: presentChrome().color,
    autoHideMenuBar: true,
    titleBarStyle: isMac ? 'hiddenInset' : 'hidden',
    ...(isMac ? {} : { titleBarOverlay: { ...presentChrome(), height: titleBarHeight } }),
    webPreferences: { ...webPreferences(options.preload) },
  })
  showOnce(window, settings.current.window?.maximised === true)
  followTheme(window)
  rememberState(window, settings)
  window.webContents.on('did-finish-load', () => window.webContents.setZoomFactor(settings.current.zoom))
  window.loadURL(options.address).catch((error: unknown) => options.onLoadFailed(String(error)))
  return window
}

/**
 * Shows the window at its first paint. Some X servers never paint a hidden frameless window, so the loaded page, and at last
 * the clock, are good enough: a window that stays invisible is worse than one that fills a moment late.
 */
function showOnce(window: BrowserWindow, isMaximised: boolean): void {
  let isShown = false
  const show = (): void => {
    if (isShown || window.isDestroyed()) return
    isShown = true
    clearTimeout(latest)
    if (isMaximised) window.maximize()
    window.show()
  }
  const latest = setTimeout(show, latestShowMs)
  window.once('ready-to-show', show)
  window.webContents.once('did-finish-load', () => setTimeout(show, afterLoadMs))
}

function followTheme(window: BrowserWindow): void {
  const paint = (): void => {
    if (window.isDestroyed()) return
    window.setBackgroundColor(presentChrome().color)
    if (process.platform === 'darwin' || typeof window.setTitleBarOverlay !== 'function') return
    try {
      window.setTitleBarOverlay({ ...presentChrome(), height: titleBarHeight })
    } catch {
      // Window managers without an overlay draw their own buttons; there is nothing to colour.
    }
  }
  nativeTheme.on('updated', paint)
  window.once('closed', () => nativeTheme.off('updated', paint))
}

function rememberState(window: BrowserWindow, settings: JsonFile<Settings>): void {
  window.on('close', () => {
    const zoom = Math.max(0.5, Math.min(2, window.webContents.getZoomFactor()))
    settings.set({ ...settings.current, zoom, window: { ...window.getNormalBounds(), maximised: window.isMaximized() } })
  })
}

/** Brings the window to the front, also when it was hidden while a job went on. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
