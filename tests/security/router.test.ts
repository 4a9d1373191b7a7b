// The door between the page and the rest: who may knock, what may come in, and that nothing makes it fall over.
import { describe, expect, it, vi } from 'vitest'
import { shellMethods, type Result } from '@contract'
import { seededRandom, type SeededRandom } from '../../src/main/base/random'
import { refuse } from '../../src/main/base/refusal'
import { isSmallPlainData, listen, type Router, type Channel, type Sender } from '../../src/main/shell/router'
import { fakeRouter, trusted } from './fake-router'

const heard = vi.hoisted(() => new Map<string, (event: unknown, subject: unknown, params: unknown) => Promise<Result<unknown>>>())
vi.mock('electron', () => ({ ipcMain: { handle: (channel: string, answer: never) => heard.set(channel, answer) } }))

const code = (answer: Result<unknown>): string => (answer.ok ? 'ok' : answer.error.code)

describe('a message from elsewhere', () => {
  const strangers: [string, Sender][] = [
    ['a subframe', { ...trusted, isTopFrame: false }],
    ['another origin', { ...trusted, origin: 'app://bundle.example.org' }],
    ['an origin that only begins alike', { ...trusted, origin: 'app://bundle2' }],
    ['no origin', { ...trusted, origin: null }],
    ['an unknown window', { ...trusted, isKnownWindow: false }],
  ]
  it.each(strangers)('(%s) is refused on every channel', async (_name, sender) => {
    const { router, engineCalls, shellCalls, dropped } = fakeRouter()
    expect(code(await router.answer('latiscope:engine', sender, 'project.summary', {}))).toBe('BAD_REQUEST')
    expect(code(await router.answer('latiscope:shell', sender, 'theme.get', {}))).toBe('BAD_REQUEST')
    expect(code(await router.answer('latiscope:grant-dropped', sender, '/data/cells.h5ad', undefined))).toBe('BAD_REQUEST')
    expect([...engineCalls, ...shellCalls, ...dropped]).toEqual([])
  })
})

describe('a message of the window', () => {
  it('reaches the engine with its checked parameters and returns its answer as it is', async () => {
    const { router, engineCalls } = fakeRouter()
    expect(code(await router.answer('latiscope:engine', trusted, 'run.history', { run: 3 }))).toBe('NO_PROJECT')
    expect(engineCalls).toEqual([{ method: 'run.history', params: { run: 3 } }])
  })

  it.each(['nothing.known', 'constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'project.open '])(
    'naming the unknown method %j is refused',
    async (method) => {
      const { router, engineCalls, shellCalls } = fakeRouter()
      expect(code(await router.answer('latiscope:engine', trusted, method, {}))).toBe('BAD_REQUEST')
      expect(code(await router.answer('latiscope:shell', trusted, method, {}))).toBe('BAD_REQUEST')
      expect([...engineCalls, ...shellCalls]).toEqual([])
    },
  )

  it.each([
    ['too much', { run: 1, more: true }],
    ['too little', {}],
    ['of the wrong type', { run: '1' }],
    ['out of range', { run: -1 }],
    ['no object', null],
    ['an array', [1]],
  ])('with parameters that are %s is refused', async (_name, params) => {
    const { router, engineCalls } = fakeRouter()
    expect(code(await router.answer('latiscope:engine', trusted, 'run.history', params))).toBe('BAD_REQUEST')
    expect(engineCalls).toEqual([])
  })

  it('that is oversize, endless or no plain data is refused at once', async () => {
    const endless: Record<string, unknown> = {}
    endless['self'] = endless
    const { router, shellCalls } = fakeRouter()
    const giants: unknown[] = [
      { text: 'x'.repeat(42_000_000) },
      { text: Array.from({ length: 300_000 }, () => 0) },
      endless,
      { text: new Map() },
      { text: () => 1 },
      { text: new Uint8Array(4) },
    ]
    for (const params of giants)
      expect(code(await router.answer('latiscope:shell', trusted, 'clipboard.write', params))).toBe('BAD_REQUEST')
    expect(shellCalls).toEqual([])
  })

  it('gets an error value when a handler fails, never its stack', async () => {
    const failing = Object.fromEntries(
      Object.keys(shellMethods).map((method) => [method, () => Promise.reject(new Error('secret path'))]),
    )
    const { router, bugs } = fakeRouter({ handlers: failing as never })
    const answer = await router.answer('latiscope:shell', trusted, 'theme.get', {})
    expect(code(answer)).toBe('INTERNAL')
    expect(JSON.stringify(answer)).not.toContain('secret path')
    expect(bugs).toHaveLength(1)
  })

  it('gets the sentence of a refusal when a handler refuses', async () => {
    const refusing = { ...Object.fromEntries(Object.keys(shellMethods).map((method) => [method, () => refuse('NO_PROJECT')])) }
    const { router, bugs } = fakeRouter({ handlers: refusing as never })
    expect(code(await router.answer('latiscope:shell', trusted, 'theme.get', {}))).toBe('NO_PROJECT')
    expect(bugs).toEqual([])
  })
})

describe('a file token', () => {
  const open = (router: Router, file: string): Promise<Result<unknown>> =>
    router.answer('latiscope:engine', trusted, 'project.open', { file })

  it('that was never given opens nothing', async () => {
    const { router, engineCalls } = fakeRouter()
    expect(code(await open(router, 'f'.repeat(32)))).toBe('BAD_REQUEST')
    expect(engineCalls).toEqual([])
  })

  it.each(['/etc/passwd', '../secret.latiscope', 'C:\\secret.latiscope', 'f'.repeat(31), 'F'.repeat(32), `${'f'.repeat(32)}/..`])(
    'that is a path or no token at all (%s) opens nothing',
    async (file) => {
      const { router, engineCalls } = fakeRouter()
      expect(code(await open(router, file))).toBe('BAD_REQUEST')
      expect(engineCalls).toEqual([])
    },
  )

  it('for data can neither be opened as a project nor written to', async () => {
    const { router, grants, engineCalls } = fakeRouter()
    const { token } = grants.give('/data/cells.h5ad', 'data')
    expect(code(await open(router, token))).toBe('BAD_REQUEST')
    expect(code(await router.answer('latiscope:engine', trusted, 'export.table', { run: 1, what: 'genes', file: token }))).toBe(
      'BAD_REQUEST',
    )
    expect(code(await router.answer('latiscope:engine', trusted, 'source.inspect', { file: token }))).toBe('NO_PROJECT')
    expect(engineCalls.map(({ method }) => method)).toEqual(['source.inspect'])
  })

  it('is asked for each of several files of a request', async () => {
    const { router, grants, engineCalls } = fakeRouter()
    const [genes, background, obo, associations, project] = ['g', 'b', 'o', 'a', 'p'].map(
      (name) => grants.give(`/data/${name}`, name === 'p' ? 'project' : 'data').token,
    ) as [string, string, string, string, string]
    const ask = (sets: object, list = genes): Promise<Result<unknown>> =>
      router.answer('latiscope:engine', trusted, 'enrich.run', { genes: list, background, sets, preset: 'latiscope' })
    const own = { kind: 'ontology', obo, associations, aspect: null, relations: null }
    expect(code(await ask(own))).toBe('NO_PROJECT')
    expect(code(await ask({ ...own, associations: project }))).toBe('BAD_REQUEST')
    expect(code(await ask({ kind: 'gmt', gmt: 'f'.repeat(32) }))).toBe('BAD_REQUEST')
    expect(code(await ask(own, 'f'.repeat(32)))).toBe('BAD_REQUEST')
    expect(engineCalls).toHaveLength(1)
  })

  it('is asked for each file that an import joins', async () => {
    const { router, grants, engineCalls } = fakeRouter()
    const file = grants.give('/data/x.npy', 'data').token
    const choice = { representation: null, expression: null, roles: {}, dropMissing: false, renameDuplicates: false }
    const ask = (metadata: string): Promise<Result<unknown>> =>
      router.answer('latiscope:engine', trusted, 'import.start', {
        file,
        choice,
        beside: { metadata, ids: null, expression: null, byPosition: false },
      })
    expect(code(await ask('f'.repeat(32)))).toBe('BAD_REQUEST')
    expect(engineCalls).toHaveLength(0)
    await ask(grants.give('/data/meta.csv', 'data').token)
    expect(engineCalls).toHaveLength(1)
  })

  it('is asked for the cells a model is applied to, and for the file that is written', async () => {
    const { router, grants, engineCalls } = fakeRouter()
    const file = grants.give('/data/new.h5ad', 'data').token
    const ask = (out: string | null): Promise<Result<unknown>> =>
      router.answer('latiscope:engine', trusted, 'apply.start', { run: 1, file, representation: null, out })
    expect(code(await ask(file))).toBe('BAD_REQUEST')
    expect(code(await ask('f'.repeat(32)))).toBe('BAD_REQUEST')
    const model = { file: 'f'.repeat(32), format: null }
    expect(code(await router.answer('latiscope:engine', trusted, 'model.import', model))).toBe('BAD_REQUEST')
    expect(engineCalls).toHaveLength(0)
    expect(code(await ask(null))).toBe('NO_PROJECT')
    expect(code(await ask(grants.give('/data/new.csv', 'export').token))).toBe('NO_PROJECT')
    expect(engineCalls).toHaveLength(2)
  })

  it.each([
    ['source.inspect', (data: string) => ({ file: data, geneTable: data })],
    [
      'ontology.install',
      (data: string) => ({ obo: null, associations: data, gmt: null, name: null, species: null, taxon: null, licence: null }),
    ],
    [
      'link.start',
      (data: string) => ({
        ...{ run: null, aspect: 'BP', background: 'detected', evidence: 'all', shuffles: 0 },
        files: { obo: null, associations: null, gmt: data },
      }),
    ],
  ] as const)('is asked for each file of %s', async (method, params) => {
    const { router, grants, engineCalls } = fakeRouter()
    const ask = (token: string): Promise<Result<unknown>> => router.answer('latiscope:engine', trusted, method, params(token))
    expect(code(await ask('f'.repeat(32)))).toBe('BAD_REQUEST')
    expect(code(await ask(grants.give('/data/p', 'project').token))).toBe('BAD_REQUEST')
    expect(engineCalls).toHaveLength(0)
    await ask(grants.give('/data/x.gaf', 'data').token)
    expect(engineCalls).toHaveLength(1)
  })

  it('for an export writes once', async () => {
    const { router, grants, engineCalls } = fakeRouter()
    const params = { run: 1, what: 'genes', file: grants.give('/data/genes.csv', 'export').token }
    expect(code(await router.answer('latiscope:engine', trusted, 'export.table', params))).toBe('NO_PROJECT')
    expect(code(await router.answer('latiscope:engine', trusted, 'export.table', params))).toBe('BAD_REQUEST')
    expect(engineCalls).toHaveLength(1)
  })
})

describe('a dropped file', () => {
  it.each(['', 'a\0b', 'x'.repeat(40_000), 7, null, { path: '/x' }])('that is %j is refused', async (path) => {
    const { router, dropped } = fakeRouter()
    expect(code(await router.answer('latiscope:grant-dropped', trusted, path, undefined))).toBe('BAD_REQUEST')
    expect(dropped).toEqual([])
  })
})

describe('the three channels', () => {
  const page = { url: 'app://bundle/index.html', parent: null }
  const eventFrom = (frame: unknown, mainFrame: unknown = frame): unknown => ({
    senderFrame: frame,
    sender: { id: 1, mainFrame },
  })

  it('believe only the top frame of the known window at the exact origin', async () => {
    const { router } = fakeRouter()
    listen(router, (contentsId) => contentsId === 1)
    expect([...heard.keys()].sort()).toEqual(['latiscope:engine', 'latiscope:grant-dropped', 'latiscope:shell'])
    const ask = async (event: unknown): Promise<string> =>
      code((await heard.get('latiscope:shell')?.(event, 'theme.get', {})) as Result<unknown>)
    const child = { url: 'app://bundle/index.html', parent: page }
    const destroyed = Object.defineProperty({}, 'parent', { get: () => { throw new Error('Render frame was disposed') } }) // prettier-ignore
    expect(await ask(eventFrom(page))).toBe('ok')
    expect(await ask(eventFrom(child, page))).toBe('BAD_REQUEST')
    expect(await ask(eventFrom({ ...page, url: 'https://example.org/' }))).toBe('BAD_REQUEST')
    expect(await ask(eventFrom({ ...page, url: 'app://bundle@example.org/' }))).toBe('BAD_REQUEST')
    expect(await ask(eventFrom(null))).toBe('BAD_REQUEST')
    expect(await ask(eventFrom(destroyed))).toBe('BAD_REQUEST')
    expect(await ask({ senderFrame: page, sender: { id: 2, mainFrame: page } })).toBe('BAD_REQUEST')
  })
})

/** Random JSON with a taste for what breaks parsers. */
function randomValue(random: SeededRandom, depth: number): unknown {
  const oddities: readonly unknown[] = [
    null,
    undefined,
    true,
    -1,
    1e308,
    NaN,
    Infinity,
    '',
    '\0',
    '__proto__',
    'f'.repeat(32),
    'x'.repeat(1_000),
    '👩‍🔬',
  ]
  const kind = random.below(depth > 3 ? 1 : 3)
  if (kind === 0) return oddities[random.below(oddities.length)]
  const items = Array.from({ length: random.below(5) }, () => randomValue(random, depth + 1))
  if (kind === 1) return items
  const keys = ['file', 'run', 'name', 'latent', 'aspect', 'text', 'constructor', '__proto__', 'choice', 'token']
  return Object.fromEntries(items.map((item) => [keys[random.below(keys.length)], item]))
}

describe('random messages', () => {
  it('are all answered with a value, none with a bug, and none opens a file', async () => {
    const { router, engineCalls, bugs } = fakeRouter()
    const random = seededRandom(7)
    const channels: readonly Channel[] = ['latiscope:engine', 'latiscope:shell']
    const methods = [
      'project.open',
      'project.create',
      'import.start',
      'export.table',
      'find.search',
      'run.start',
      'theme.set',
      'files.savePicture',
      'files.saveFigure',
      'nothing',
    ]
    for (let message = 0; message < 3_000; message++) {
      const subject = random.below(10) === 0 ? randomValue(random, 0) : methods[random.below(methods.length)]
      const answer = await router.answer(channels[random.below(2)] as Channel, trusted, subject, randomValue(random, 0))
      expect(typeof answer.ok).toBe('boolean')
    }
    expect(bugs).toEqual([])
    expect(engineCalls.filter(({ method }) => /^(project\.|import|export)/.test(method))).toEqual([])
  })

  it('are measured without following cycles', () => {
    const ring: unknown[] = []
    ring.push(ring)
    expect(isSmallPlainData(ring)).toBe(false)
    expect(isSmallPlainData({ a: [1, 'x', null, { b: undefined }] })).toBe(true)
  })
})
