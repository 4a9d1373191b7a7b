// app://bundle serves the built window and nothing else, however the address is written.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundleFile } from '../../src/main/shell/bundle-file'
import { answerBundleRequest, contentSecurityPolicy } from '../../src/main/shell/protocol'
import { temporaryFolder } from '../temporary-folder'

const root = join('/', 'app', 'out', 'renderer')

const traversals = [
  'app://bundle/../main/index.js',
  'app://bundle/assets/../../main/index.js',
  'app://bundle/%2e%2e/main/index.js',
  'app://bundle/%2E%2E/main/index.js',
  'app://bundle/.%2e/main/index.js',
  'app://bundle/..%2fmain/index.js',
  'app://bundle/%252e%252e/main/index.js',
  'app://bundle/%c0%ae%c0%ae/main/index.js',
  'app://bundle/..\\main\\index.js',
  'app://bundle/%5c..%5cmain.js',
  'app://bundle/assets%2f..%2f..%2fmain.js',
  'app://bundle//etc/passwd.txt',
  'app://bundle///etc/passwd.txt',
  'app://bundle/%2fetc/passwd.txt',
  'app://bundle/C:/Windows/win.txt',
  'app://bundle/C%3A/Windows/win.txt',
  'app://bundle/\\\\server\\share\\x.js',
  'app://bundle/index.html%00.png',
  'app://bundle/index.html\u0000.png',
  'app://bundle/index%0a.html',
  'app://bundle/index.html::$DATA',
  'app://bundle/con.js',
  'app://bundle/aux.html',
  'app://bundle/nul',
  'app://bundle/assets./index.js',
  'app://bundle/.env.json',
  'app://bundle/.git/config.txt',
  'app://bundle/%',
  'app://bundle/%zz.js',
  `app://bundle/${'a'.repeat(5_000)}.js`,
]
const foreign = [
  'app://other/index.html',
  'app://bundle.evil/index.html',
  'app://bundle:80/index.html',
  'app://user@bundle/index.html',
  'app://user:word@bundle/index.html',
  'app:bundle/index.html',
  'app:///index.html',
  'file:///app/out/renderer/index.html',
  'http://bundle/index.html',
  'https://bundle/index.html',
  'apps://bundle/index.html',
  'javascript:alert(1)',
  'data:text/html,x',
  'not an address',
  '',
]
const unknownKinds = [
  'app://bundle/',
  'app://bundle',
  'app://bundle/index',
  'app://bundle/app.exe',
  'app://bundle/x.node',
  'app://bundle/x.map',
  'app://bundle/x.sqlite',
]

describe('the file behind an app:// address', () => {
  it.each([
    ['app://bundle/index.html', ['index.html'], 'text/html; charset=utf-8'],
    ['app://bundle/assets/index-B1x_2-y.js', ['assets', 'index-B1x_2-y.js'], 'text/javascript; charset=utf-8'],
    ['app://bundle/assets/inter.woff2?v=1#x', ['assets', 'inter.woff2'], 'font/woff2'],
    ['app://bundle/assets/a%20b.css', ['assets', 'a b.css'], 'text/css; charset=utf-8'],
  ])('%s lies in the bundle', (address, parts, mimeType) => {
    expect(bundleFile(address, root)).toEqual({ path: join(root, ...parts), mimeType })
  })

  it.each(traversals)('%j leads nowhere', (address) => {
    expect(bundleFile(address, root)).toBeNull()
  })

  it.each(foreign)('%j is not the bundle', (address) => {
    expect(bundleFile(address, root)).toBeNull()
  })

  it.each(unknownKinds)('%j is of no known kind', (address) => {
    expect(bundleFile(address, root)).toBeNull()
  })
})

describe('an answer of the bundle', () => {
  function bundle(): string {
    const folder = join(temporaryFolder(), 'renderer')
    mkdirSync(folder)
    writeFileSync(join(folder, 'index.html'), '<p>hello</p>')
    writeFileSync(join(folder, '..', 'secret.txt'), 'secret')
    return folder
  }

  it('carries the file, its type and the content policy', async () => {
    const answer = await answerBundleRequest({ url: 'app://bundle/index.html', method: 'GET' }, bundle())
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('<p>hello</p>')
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
  })

  it.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await answerBundleRequest({ url: 'app://bundle/index.html', method }, bundle())).status).toBe(405)
  })

  it.each(['app://bundle/../secret.txt', 'app://bundle/absent.html', 'app://other/index.html'])(
    'has no content for %s',
    async (url) => {
      const answer = await answerBundleRequest({ url, method: 'GET' }, bundle())
      expect(answer.status).toBe(404)
      expect(await answer.text()).toBe('')
      expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
    },
  )

  it('allows scripts, styles and fonts of the bundle only, and no inline code', () => {
    expect(contentSecurityPolicy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "font-src 'self'",
      "form-action 'none'",
      "frame-src 'none'",
      "img-src 'self' data: blob:",
      "object-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "worker-src 'self'",
    ])
  })
})
