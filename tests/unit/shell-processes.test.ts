// Which process runs what: the wrong choice for the engine would not raise an error but end the process.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { helperEnvironment, type HelperProcess } from '../../src/main/base/child-process-port'
import { appPaths } from '../../src/main/shell/paths'
import { helperForks } from '../../src/main/shell/processes'

const paths = appPaths('/app/out/main', null)

function forks(
  napi: number,
  nodePath: string | undefined,
  from = paths,
): { started: string[][]; choice: ReturnType<typeof helperForks> } {
  const started: string[][] = []
  const note = (...words: string[]): HelperProcess => {
    started.push(words)
    return {} as HelperProcess
  }
  const choice = helperForks({
    napi,
    nodePath,
    paths: from,
    cacheFolder: '/cache',
    libraryFolder: '/library',
    forkUtility: (entry, name, environment) => note('utility', entry, name, JSON.stringify(environment)),
    forkNode: (node, entry, environment) => note('node', node, entry, JSON.stringify(environment)),
  })
  return { started, choice }
}
const environment = JSON.stringify({
  LATISCOPE_RESOURCES: paths.resources,
  LATISCOPE_CACHE: '/cache',
  LATISCOPE_LIBRARY: '/library',
})

describe('the engine', () => {
  it('runs inside Electron when its Node-API is new enough, whatever Node is named', () => {
    const { started, choice } = forks(10, '/elsewhere/node')
    choice.forkEngine()
    expect(started).toEqual([['utility', paths.engineEntry, 'Latiscope engine', environment]])
  })

  it('runs in the separate Node otherwise', () => {
    const { started, choice } = forks(9, '/cache/node')
    choice.forkEngine()
    expect(started).toEqual([['node', '/cache/node', paths.engineEntry, environment]])
  })

  it('is read from beside the archive by the separate Node', () => {
    const { started, choice } = forks(9, '/cache/node', appPaths('/opt/app.asar/out/main', '/opt'))
    choice.forkEngine()
    expect(started[0]?.[2]?.replaceAll('\\', '/')).toMatch(/\/opt\/app\.asar\.unpacked\/out\/main\/engine\.js$/)
  })

  it.each([undefined, ''])('cannot run at all when the Node-API is old and the Node is %j', (nodePath) => {
    expect(() => forks(9, nodePath)).toThrow(/Node-API 9 is too old/)
  })
})

describe('the trainer', () => {
  it.each([9, 10])('always runs inside Electron (Node-API %i)', (napi) => {
    const { started, choice } = forks(napi, '/cache/node')
    choice.forkTrainer()
    expect(started).toEqual([['utility', paths.trainerEntry, 'Latiscope trainer', environment]])
  })
})

describe('the environment of a helper', () => {
  const secrets = { LATISCOPE_TEST_SECRET: 'x', NODE_OPTIONS: '--no-warnings', ELECTRON_RUN_AS_NODE: '1', LD_PRELOAD: 'x' }
  beforeEach(() => {
    for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value)
  })
  afterEach(() => vi.unstubAllEnvs())

  it('holds nothing of the user but the allowed names', () => {
    const given = helperEnvironment({ LATISCOPE_RESOURCES: '/r' })
    expect(given['LATISCOPE_RESOURCES']).toBe('/r')
    for (const name of Object.keys(secrets)) expect(given).not.toHaveProperty(name)
  })
})

describe('the parts of the program', () => {
  it('lie beside the build in a clone, and in the resources of a packed program', () => {
    expect(appPaths('/app/out/main', null).resources.replaceAll('\\', '/')).toMatch(/\/app\/resources$/)
    expect(appPaths('/opt/app.asar/out/main', '/opt/resources').resources).toBe('/opt/resources')
    expect(paths.preload.replaceAll('\\', '/')).toMatch(/\/app\/out\/preload\/index\.cjs$/)
  })
})
