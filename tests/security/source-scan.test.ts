// Rules no single file can prove: read the whole source and look for what must be in one place only, or nowhere.
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|vue|html|css|mjs)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path: path.slice(root.length + 1).replaceAll('\\', '/'), text: withoutComments(readFileSync(path, 'utf8')) }))

/** Comments may name what is forbidden; a "//" inside a string (an address) is kept. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
}

const filesWith = (pattern: RegExp, under = ''): string[] =>
  sources.filter(({ path, text }) => path.startsWith(`src/${under}`) && pattern.test(text)).map(({ path }) => path)

describe('the sources', () => {
  it('are there to be read', () => {
    expect(sources.length).toBeGreaterThan(80)
  })

  it.each([
    ['windows are made', /new (BrowserWindow|BaseWindow|WebContentsView|BrowserView)\b/, ['src/main/shell/windows.ts']],
    ['messages of the window are received', /\bipcMain\b/, ['src/main/shell/router.ts']],
    ['the window sends messages', /\bipcRenderer\b/, ['src/preload/index.ts']],
    ['the file manager is opened', /\bshell\.(openPath|showItemInFolder)\b/, ['src/main/shell/file-manager.ts']],
    ['native dialogs are shown', /\bdialog\.show\w+\(/, ['src/main/shell/dialogs.ts']],
    ['web preferences are written', /\bcontextIsolation:/, ['src/main/shell/web-preferences.ts']],
  ])('%s in one place only', (_what, pattern, places) => {
    expect(filesWith(pattern)).toEqual(places)
  })

  // The last column is what the pattern must catch: a scan that finds nothing proves nothing by itself.
  it.each([
    ['open an address outside', /\bopenExternal\b/, 'shell.openExternal(url)'],
    ['load a page from outside', /\b(loadURL|src|href)\s*[=(]\s*['"`]https?:/, '<img src="http://x.org/a.png">'],
    ['call a network', /\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon)\s*\(/, "await fetch('/x')"],
    ['import a network', /from ['"](node:)?(http|https|http2|net|tls|dgram|dns|undici)['"]/, "import { get } from 'node:https'"],
    [
      'request through Electron',
      /\bnet\.(request|fetch)\b|import \{[^}]*\bnet\b[^}]*\} from 'electron'/,
      "import { app, net } from 'electron'",
    ],
    [
      'put text into the page as markup',
      /\bv-html\b|\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write\b/,
      '<p v-html="name" />',
    ],
    ['run text as code', /\beval\s*\(|new Function\s*\(|setTimeout\(\s*['"`]/, "new Function('return 1')"],
    ['use a webview or remote objects', /<webview\b|@electron\/remote|\bsendSync\b/, "ipcRenderer.sendSync('x')"],
    [
      'weaken the sandbox',
      /nodeIntegration:\s*true|contextIsolation:\s*false|webSecurity:\s*false|sandbox:\s*false|appendSwitch\(['"]no-sandbox/,
      '{ sandbox: false }',
    ],
    ['send crash reports away', /uploadToServer:\s*true/, '{ uploadToServer: true }'],
  ])('never %s', (_what, pattern, example) => {
    expect(example).toMatch(pattern)
    expect(filesWith(pattern)).toEqual([])
  })

  it('let no environment variable into the window', () => {
    expect([...filesWith(/\bprocess\.env\b/, 'renderer/'), ...filesWith(/\bprocess\.env\b/, 'preload/')]).toEqual([])
  })
})
