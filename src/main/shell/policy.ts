// What a page may do: stay where it is, load the bundle, write to the clipboard. Everything else is refused.
// The decisions are pure functions; `guardSession` and `guardContents` only wire them to Electron's events.
import type { App, Session, WebContents } from 'electron'
import { bundleOrigin } from './bundle-file'

/** Where the window's page comes from: the bundle, or in development the address of the dev server. */
export interface PageSource {
  readonly origin: string
  readonly isDevelopment: boolean
}

export const bundledPage: PageSource = { origin: bundleOrigin, isDevelopment: false }

/** The exact origin of an address, also for app://, whose `URL.origin` is "null"; null when there is none. */
export function originOf(address: string): string | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  return url.host === '' || url.username !== '' || url.password !== '' ? null : `${url.protocol}//${url.host}`
}

/** Whether a request may leave the renderer. The dev server's hot-reload socket shares its host. */
export function isRequestAllowed(address: string, page: PageSource): boolean {
  const origin = originOf(address)
  if (origin === page.origin) return true
  if (/^(data|blob):/i.test(address)) return /^data:/i.test(address) || originOf(address.slice('blob:'.length)) === page.origin
  if (!page.isDevelopment) return false
  return address.startsWith('devtools://devtools/') || origin === page.origin.replace(/^http/, 'ws')
}

/** The page is loaded once; it never goes anywhere else. A reload by the menu does not ask this. */
export function isNavigationAllowed(address: string, page: PageSource): boolean {
  return page.isDevelopment && originOf(address) === page.origin
}

/** The one permission a page has: putting text on the clipboard after a click. */
export function isPermissionAllowed(permission: string): boolean {
  return permission === 'clipboard-sanitized-write'
}

/** Refuses permissions, devices, screen capture, downloads and every request that is not the bundle. */
export function guardSession(session: Session, page: PageSource, onRefused: (what: string, where: string) => void): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    if (!isPermissionAllowed(permission)) onRefused('permission', permission)
    answer(isPermissionAllowed(permission))
  })
  session.setPermissionCheckHandler((_contents, permission) => isPermissionAllowed(permission))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}))
  session.setSpellCheckerEnabled(false)
  session.webRequest.onBeforeRequest((details, answer) => {
    const allowed = isRequestAllowed(details.url, page)
    if (!allowed) onRefused('request', originOf(details.url) ?? 'no origin')
    answer({ cancel: !allowed })
  })
  session.on('will-download', (event) => {
    onRefused('download', '')
    event.preventDefault()
  })
}

/** Keeps every web contents, present and future, on its page and without children. */
export function guardContents(app: App, page: PageSource, onRefused: (what: string, where: string) => void): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    const stay = (event: { preventDefault(): void; readonly url: string }): void => {
      if (isNavigationAllowed(event.url, page)) return
      onRefused('navigation', originOf(event.url) ?? 'no origin')
      event.preventDefault()
    }
    contents.on('will-navigate', stay)
    contents.on('will-redirect', stay)
    contents.on('will-frame-navigate', stay)
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      onRefused('window', originOf(url) ?? 'no origin')
      return { action: 'deny' }
    })
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  })
}
