// What a page may do is decided by these functions; the corpus holds what others got wrong (origins by substring, case, users).
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  bundledPage,
  isNavigationAllowed,
  isPermissionAllowed,
  isRequestAllowed,
  originOf,
  type PageSource,
} from '../../src/main/shell/policy'
import { contentSecurityPolicy } from '../../src/main/shell/protocol'

const development: PageSource = { origin: 'http://localhost:5173', isDevelopment: true }

const foreign = [
  'https://example.org/',
  'http://bundle/index.html',
  'http://localhost:5173/',
  'ws://localhost:5173/',
  'app://bundle.example.org/index.html',
  'app://bundle@example.org/index.html',
  'app://example.org/bundle',
  'app://other/',
  'file:///etc/passwd',
  'ftp://example.org/',
  'chrome://settings/',
  'devtools://devtools/bundled/inspector.html',
  'blob:https://example.org/1',
  'blob:app://other/1',
  'about:blank',
  'javascript:alert(1)',
  'filesystem:app://bundle/x',
  '',
]

describe('a request of the page', () => {
  it.each(['app://bundle/index.html', 'app://bundle/assets/a.js', 'data:image/png;base64,AA', 'blob:app://bundle/1'])(
    '%s may go',
    (address) => {
      expect(isRequestAllowed(address, bundledPage)).toBe(true)
    },
  )

  it.each(foreign)('%j may not', (address) => {
    expect(isRequestAllowed(address, bundledPage)).toBe(false)
  })

  it('may reach the dev server and its socket in development, and nothing else', () => {
    expect(isRequestAllowed('http://localhost:5173/main.ts', development)).toBe(true)
    expect(isRequestAllowed('ws://localhost:5173/', development)).toBe(true)
    expect(isRequestAllowed('http://localhost:5174/', development)).toBe(false)
    expect(isRequestAllowed('https://example.org/', development)).toBe(false)
  })
})

describe('a navigation', () => {
  it.each([...foreign, 'app://bundle/index.html', 'app://bundle/other.html', 'data:text/html,x'])(
    'to %j is refused',
    (address) => {
      expect(isNavigationAllowed(address, bundledPage)).toBe(false)
    },
  )

  it('within the dev server is the only one there is', () => {
    expect(isNavigationAllowed('http://localhost:5173/', development)).toBe(true)
    expect(isNavigationAllowed('http://localhost:5173.example.org/', development)).toBe(false)
  })
})

describe('a permission', () => {
  it.each([
    'clipboard-read',
    'geolocation',
    'media',
    'notifications',
    'fullscreen',
    'openExternal',
    'fileSystem',
    'hid',
    'serial',
    'usb',
    'unknown',
    '',
  ])('%j is refused', (permission) => {
    expect(isPermissionAllowed(permission)).toBe(false)
  })

  it('to write text to the clipboard is the only one given', () => {
    expect(isPermissionAllowed('clipboard-sanitized-write')).toBe(true)
  })
})

describe('an origin', () => {
  it.each([
    ['app://bundle/index.html#x', 'app://bundle'],
    ['APP://bundle/', 'app://bundle'],
    ['http://localhost:5173/a', 'http://localhost:5173'],
    ['app://user@bundle/', null],
    ['about:blank', null],
    ['nothing', null],
  ])('of %s is %s', (address, origin) => {
    expect(originOf(address)).toBe(origin)
  })
})

describe('the page itself', () => {
  it('names the same content policy as the protocol does', () => {
    const html = readFileSync(resolve(import.meta.dirname, '../../src/renderer/index.html'), 'utf8')
    const named = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1]
    expect(named?.replaceAll(/\s+/g, ' ').trim()).toBe(contentSecurityPolicy)
  })
})
