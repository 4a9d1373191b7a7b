// Which file an app:// address stands for. Pure but for the path module; the only gate between an address and the disk.
// Invariant: an answer lies under `root`, names a known type and came from exactly app://bundle without user, port or query tricks.
import { resolve, sep } from 'node:path'

export const bundleScheme = 'app'
export const bundleHost = 'bundle'
export const bundleOrigin = `${bundleScheme}://${bundleHost}`

const mimeTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
  txt: 'text/plain; charset=utf-8',
}

export interface BundleFile {
  readonly path: string
  readonly mimeType: string
}

/** Names that mean something else to Windows or hide a second path; no built file carries any of these. */
const forbidden = /[\\:*?"<>|\u0000-\u001f\u007f]|(^|\/)\.|[. ](\/|$)|(^|\/)(con|prn|aux|nul|com\d|lpt\d)(\.|\/|$)/i

/** The file for `address`, or null when the address is anything but a plain path of the bundle. `root` is absolute. */
export function bundleFile(address: string, root: string): BundleFile | null {
  // The raw text is looked at too: the URL parser silently folds "..", "%2e%2e" and, for standard schemes, "\".
  if (address.length > 2_000 || /\.\.|%2e|%2f|%5c|%00|\\|%25/i.test(address)) return null
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  if (url.protocol !== `${bundleScheme}:` || url.host !== bundleHost || url.username !== '' || url.password !== '') return null
  let name: string
  try {
    name = decodeURIComponent(url.pathname).replace(/^\//, '')
  } catch {
    return null
  }
  if (name === '' || name.startsWith('/') || forbidden.test(name)) return null
  const mimeType = mimeTypes[/\.([a-z0-9]+)$/.exec(name)?.[1] ?? '']
  if (mimeType === undefined) return null
  const path = resolve(root, name)
  return path.startsWith(root.endsWith(sep) ? root : root + sep) ? { path, mimeType } : null
}
