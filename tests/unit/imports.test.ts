// Keeps the rooms apart: every import under src must follow the table below, whatever lint says. Imports are read as
// text (static, dynamic, in .vue files too); a path that cannot be read that way would not be bundled either.
import { readdirSync, readFileSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const repository = resolve(import.meta.dirname, '../..')
const contract = 'src/preload/contract'
const base = 'src/main/base'
const science = 'src/main/science'
const shared = ['src/renderer/ui', 'src/renderer/bridge', 'src/renderer/text']
const engine = ['node:', 'valibot']
/** Libraries that read the containers of data files; they belong to the importer alone. */
const containers = ['hyparquet', 'hyparquet-compressors', '@uwdata/flechette', 'fflate', 'fzstd', 'lz4js', 'read-excel-file']
const screen = ['vue', 'pinia', 'reka-ui', '@lucide/vue', '@tanstack/vue-virtual', '@fontsource-variable/']

/** Which rooms and packages a room may import, itself apart. The first row whose path starts a file's path holds. */
const table: readonly { room: string; rooms: readonly string[]; packages: readonly string[] }[] = [
  { room: contract, rooms: [], packages: ['valibot'] },
  { room: 'src/preload/index.ts', rooms: [contract], packages: ['electron'] },
  { room: base, rooms: [contract], packages: ['node:'] },
  { room: science, rooms: [base], packages: [] },
  { room: 'src/main/engine/store', rooms: ['src/main/engine', base, science, contract], packages: [...engine, 'better-sqlite3'] },
  {
    room: 'src/main/engine/project',
    rooms: ['src/main/engine', base, science, contract],
    packages: [...engine, 'better-sqlite3'],
  },
  {
    room: 'src/main/engine/import',
    rooms: ['src/main/engine', base, science, contract],
    packages: [...engine, 'h5wasm', 'h5wasm-plugins', 'umap-js', ...containers],
  },
  {
    room: 'src/main/engine/export',
    rooms: ['src/main/engine', base, science, contract],
    packages: [...engine, 'h5wasm', 'h5wasm-plugins'],
  },
  { room: 'src/main/engine', rooms: [base, science, contract], packages: engine },
  {
    room: 'src/main/trainer',
    rooms: [base, science, contract],
    packages: ['node:', '@tensorflow/tfjs', '@tensorflow/tfjs-node', 'linear-sum-assignment'],
  },
  { room: 'src/main/shell', rooms: [base, contract], packages: ['node:', 'electron', 'valibot'] },
  { room: 'src/main/cli', rooms: ['src/main/cli', base, contract], packages: ['node:'] },
  { room: 'src/renderer/charts', rooms: [contract, ...shared], packages: [...screen, 'echarts'] },
  { room: 'src/renderer/ui', rooms: [contract, 'src/renderer/text'], packages: screen },
  { room: 'src/renderer/bridge', rooms: [contract, 'src/renderer/text'], packages: screen },
  { room: 'src/renderer/text', rooms: [contract], packages: [] },
  ...readdirSync(resolve(repository, 'src/renderer/features')).map((feature) => ({
    room: `src/renderer/features/${feature}`,
    rooms: [contract, 'src/renderer/charts', ...shared],
    packages: screen,
  })),
  { room: 'src/renderer', rooms: [contract, 'src/renderer'], packages: screen },
]

const isIn = (path: string, room: string): boolean => path === room || path === `${room}.ts` || path.startsWith(`${room}/`)
const isOf = (name: string, allowed: string): boolean => (/[:/]$/.test(allowed) ? name.startsWith(allowed) : isIn(name, allowed))

/** The module names in a source: `import … from`, `export … from`, `import '…'`, `import('…')`, `require('…')`. */
function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const declared = /^\s*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm
  const called = /\b(?:import|require)\s*\(\s*(['"])([^'"\n]+)\1/g
  return [declared, called].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[2] ?? ''))
}

/** The imports of one file that the table forbids, as `file -> module`. */
function violations(file: string, source: string): string[] {
  const row = table.find(({ room }) => isIn(file, room))
  if (!row) return [`${file} is in no room of the table`]
  const isAllowed = (name: string): boolean => {
    const target = name === '@contract' ? contract : name.startsWith('.') ? posix.join(posix.dirname(file), name) : null
    // The version is a fact about the build: the bundler puts it into the main process's files as a constant.
    if (target === 'package.json') return isIn(file, 'src/main')
    if (target === null) return row.packages.some((allowed) => isOf(name, allowed))
    return [row.room, ...row.rooms].some((room) => isIn(target, room))
  }
  return importsOf(source).flatMap((name) => (isAllowed(name) ? [] : [`${file} -> ${name}`]))
}

const sources = new Map<string, string>(
  readdirSync(resolve(repository, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|vue)$/.test(path))
    .map((path) => [`src/${path.replaceAll('\\', '/')}`, readFileSync(resolve(repository, 'src', path), 'utf8')] as const),
)

describe('imports between rooms', () => {
  it('follow the table in every source file', () => {
    expect(sources.size).toBeGreaterThan(20)
    expect([...sources].flatMap(([file, source]) => violations(file, source))).toEqual([])
  })

  it('load TensorFlow for Node in one file only', () => {
    const loading = [...sources].filter(([, source]) => source.includes('@tensorflow/tfjs-node')).map(([file]) => file)
    expect(loading).toEqual(['src/main/trainer/backend.ts'])
  })

  it('bring science only what is pure: no Node, clock or chance, directly or through base', () => {
    const reached = new Set([...sources.keys()].filter((file) => isIn(file, science)))
    for (const file of reached) {
      const source = sources.get(file) ?? ''
      for (const name of importsOf(source)) {
        expect(name, `${file} is used by science`).toMatch(/^\.|^@contract$/)
        const path = posix.join(posix.dirname(file), name)
        const found = [path, `${path}.ts`, path.replace(/\.js$/, '.ts')].find((candidate) => sources.has(candidate))
        if (found) reached.add(found)
      }
      expect(source, file).not.toMatch(/\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\./)
    }
  })

  it.each([
    ['src/main/shell/menu.ts', "import { openStore } from '../engine/store/open'"],
    ['src/main/engine/jobs/train.ts', "import Database from 'better-sqlite3'"],
    ['src/main/engine/store/dataset.ts', "import { parquetRead } from 'hyparquet'"],
    ['src/main/science/link.ts', "const { readFileSync } = await import('node:fs')"],
    ['src/renderer/features/explore/ExplorePage.vue', "<script setup>\nimport { x } from '../train/train-store'\n</script>"],
    ['src/renderer/app/App.vue', "import { ipcRenderer } from 'electron'"],
    ['src/renderer/ui/UiMenu.vue', "import * as echarts from 'echarts/core'"],
    ['src/preload/contract/model.ts', "export { join } from 'node:path'"],
  ])('are refused where the table forbids them: %s', (file, source) => {
    expect(violations(file, source)).toHaveLength(1)
  })
})
