// The small files the shell keeps: settings, recent projects, samples, the log. Bad ones are kept aside, none is written by halves.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeAtomically } from '../../src/main/shell/atomic-file'
import { openLog } from '../../src/main/shell/logging'
import { RecentProjects } from '../../src/main/shell/recent'
import { sampleFiles } from '../../src/main/shell/sample'
import { defaultSettings, openSettings } from '../../src/main/shell/settings'
import { temporaryFolder } from '../temporary-folder'

const neverFails = (error: unknown): never => {
  throw error
}

describe('the settings', () => {
  it('are the usual ones without a file, and no file is written by looking', () => {
    const folder = temporaryFolder()
    const settings = openSettings(folder, neverFails)
    expect(settings.current).toEqual({ theme: 'system', window: null, zoom: 1, folder: null })
    expect(settings.keptBad).toBeNull()
    expect(readdirSync(folder)).toEqual([])
  })

  it('are there again at the next start', async () => {
    const folder = temporaryFolder()
    const settings = openSettings(folder, neverFails)
    settings.set({ ...settings.current, theme: 'dark', window: { x: 1, y: 2, width: 1200, height: 800, maximised: true } })
    settings.set({ ...settings.current, zoom: 1.25 })
    await settings.flush()
    expect(openSettings(folder, neverFails).current).toEqual({
      ...defaultSettings,
      theme: 'dark',
      zoom: 1.25,
      window: { x: 1, y: 2, width: 1200, height: 800, maximised: true },
    })
    expect(readdirSync(folder)).toEqual(['settings.json'])
  })

  it('of an older version get the new entries with their usual values', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'settings.json'), '{"theme":"light"}')
    expect(openSettings(folder, neverFails).current).toEqual({ ...defaultSettings, theme: 'light' })
  })

  it.each(['{"theme":"pink"}', '{"zoom":9}', 'not json', '7', 'null', ''])(
    'that read %j are kept aside, and the usual ones used',
    (text) => {
      const folder = temporaryFolder()
      writeFileSync(join(folder, 'settings.json'), text)
      const settings = openSettings(folder, neverFails)
      expect(settings.current).toEqual(defaultSettings)
      expect(settings.keptBad).toMatch(/settings\.json\.bad-\d+$/)
      expect(readFileSync(settings.keptBad ?? '', 'utf8')).toBe(text)
      expect(existsSync(join(folder, 'settings.json'))).toBe(false)
    },
  )

  it('that cannot be written are reported, not thrown', async () => {
    const folder = join(temporaryFolder(), 'user')
    const failures: unknown[] = []
    const settings = openSettings(folder, (error) => failures.push(error))
    mkdirSync(join(folder, 'settings.json'))
    settings.set({ ...settings.current, theme: 'dark' })
    await settings.flush()
    expect(failures).toHaveLength(1)
    expect(settings.current.theme).toBe('dark')
  })
})

describe('an atomic write', () => {
  it('leaves the old file and no rest behind when it fails', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'target', 'in the way'), { recursive: true })
    await expect(writeAtomically(join(folder, 'target'), 'new')).rejects.toThrow()
    expect(readdirSync(folder)).toEqual(['target'])
  })
})

describe('the recent projects', () => {
  it('are ten at most, the newest first, each once', async () => {
    const folder = temporaryFolder()
    const recent = new RecentProjects(folder, neverFails)
    for (let project = 0; project < 12; project++)
      recent.add(`/p/${project}.latiscope`, `Project ${project}`, '2026-01-01T00:00:00Z')
    recent.add('/p/5.latiscope', 'Renamed', '2026-01-02T00:00:00Z')
    await recent.flush()
    const list = new RecentProjects(folder, neverFails).list()
    expect(list.map(({ name }) => name)).toEqual([
      'Renamed',
      ...[11, 10, 9, 8, 7, 6, 4, 3, 2].map((project) => `Project ${project}`),
    ])
    expect(list[0]).toMatchObject({ folder: '/p', missing: true, openedAt: '2026-01-02T00:00:00Z' })
  })

  it('that are gone stay listed as missing until they are removed', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'here.latiscope')
    writeFileSync(path, 'x')
    const recent = new RecentProjects(folder, neverFails)
    recent.add('/gone/away.latiscope', 'Away', '2026-01-01T00:00:00Z')
    recent.add(path, 'Here', '2026-01-01T00:00:00Z')
    expect(recent.list().map(({ name, missing }) => [name, missing])).toEqual([
      ['Here', false],
      ['Away', true],
    ])
    recent.remove('/gone/away.latiscope')
    expect(recent.list().map(({ name }) => name)).toEqual(['Here'])
    await recent.flush()
  })
})

describe('a sample', () => {
  it('keeps its project in the user folder and its data in the program', () => {
    const userData = temporaryFolder()
    const files = sampleFiles('pbmc', { userData, resources: '/app/resources' })
    expect(files).toEqual({
      projectPath: join(userData, 'samples', 'pbmc.latiscope'),
      dataPath: join('/app/resources', 'sample', 'pbmc68k_reduced.h5ad'),
      exists: false,
    })
    writeFileSync(files.projectPath, 'x')
    expect(sampleFiles('pbmc', { userData, resources: '/app/resources' }).exists).toBe(true)
  })
})

describe('the log', () => {
  it('has one JSON object a line, with the time', () => {
    const folder = join(temporaryFolder(), 'logs')
    const log = openLog(folder)
    log('start', { version: '1', ms: 12 })
    log('end')
    const lines = readFileSync(join(folder, 'main.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toMatchObject([{ event: 'start', version: '1', ms: 12 }, { event: 'end' }])
    expect(Date.parse(String(lines[0]?.['time']))).toBeGreaterThan(0)
  })

  it('keeps five files and drops the oldest', () => {
    const folder = temporaryFolder()
    const log = openLog(folder, 200)
    for (let line = 0; line < 60; line++) log('line', { line })
    expect(readdirSync(folder).sort()).toEqual([
      'main.1.ndjson',
      'main.2.ndjson',
      'main.3.ndjson',
      'main.4.ndjson',
      'main.ndjson',
    ])
    expect(readFileSync(join(folder, 'main.ndjson'), 'utf8')).toContain('"line":59')
    expect(readFileSync(join(folder, 'main.1.ndjson'), 'utf8')).not.toContain('"line":59')
  })

  it('cuts fields of any length', () => {
    const folder = temporaryFolder()
    openLog(folder)('bug', { what: 'x'.repeat(100_000) })
    expect(readFileSync(join(folder, 'main.ndjson')).length).toBeLessThan(5_000)
  })
})
