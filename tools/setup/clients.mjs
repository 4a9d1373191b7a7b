// The ordinary package clients (npm, pip) and other programs, run so that the user's registry, proxy and certificate
// settings hold. Install scripts of packages are never run. What they print goes to stderr.
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { download, isFile, requireSha256 } from './download.mjs'
import { progress, SetupProblem } from './report.mjs'

/**
 * Runs a program to its end.
 * @param {string} program @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, timeoutMs?: number }} [options] show: pass its output on
 * @returns {Promise<{ code: number | null, signal: string | null, output: string }>} code null when it could not start
 */
export function run(program, args, { cwd, env, show = false, timeoutMs } = {}) {
  return new Promise((done) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'],
      timeout: timeoutMs,
      shell: process.platform === 'win32' && program.endsWith('.cmd'),
    })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.once('error', (error) => done({ code: null, signal: null, output: error.message }))
    child.once('close', (code, signal) => done({ code, signal, output }))
  })
}

/** How npm is called: the npm that runs us, if one does, else the one on PATH. */
export function npmCommand(/** @type {readonly string[]} */ args) {
  const running = process.env.npm_execpath
  if (running?.endsWith('npm-cli.js')) return { program: process.execPath, args: [running, ...args] }
  return { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [...args] }
}

/**
 * A package's tarball from the address npm names, resumable; through `npm pack` where that address needs more than the
 * address (a registry with a login). Checked against its pin.
 * @param {{ name: string, version: string, bytes: number, sha256: string, label: string, downloads: string,
 *   scratch: string }} what
 * @returns {Promise<string>} path of the verified tarball
 */
export async function npmTarball({ name, version, bytes, sha256, label, downloads, scratch }) {
  const goal = join(downloads, `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`)
  if (await isFile(goal)) return goal
  await mkdir(downloads, { recursive: true })
  const folder = await mkdtemp(join(scratch, 'npm-'))
  const view = npmCommand(['view', `${name}@${version}`, 'dist.tarball', '--loglevel=error', ...npmPatience])
  const named = await run(view.program, view.args, { cwd: folder })
  if (await fromAddress(named.code === 0 ? named.output : '', { to: goal, sha256, label })) return goal
  const where = npmCommand(['config', 'get', 'cache'])
  const npmCache = (await run(where.program, where.args, { cwd: folder })).output.trim().split('\n').at(-1) ?? ''
  const options = ['--ignore-scripts', '--loglevel=error', ...npmPatience, '--pack-destination', folder]
  const pack = npmCommand(['pack', `${name}@${version}`, ...options])
  const watched = [join(npmCache, '_cacache', 'tmp'), folder]
  const { code, output } = await watching(watched, label, bytes, () => run(pack.program, pack.args, { cwd: folder }))
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'))
  if (code !== 0 || !tarball) throw unreachable(label, `${name} ${version}`, 'npm', output, 'the npm registry')
  await requireSha256(join(folder, tarball), sha256, label)
  await rename(join(folder, tarball), goal)
  await rm(`${goal}.part`, { force: true })
  return goal
}

/**
 * A Python wheel from the address pip names, resumable; through `pip download` where pip does not tell or the address
 * needs a login. Checked against its pin. Nothing is installed.
 * @param {{ name: string, version: string, pythonVersion: string, platform: string, bytes: number, sha256: string,
 *   label: string, downloads: string, scratch: string }} what
 * @returns {Promise<string>} path of the verified wheel
 */
export async function pipWheel({ name, version, pythonVersion, platform, bytes, sha256, label, downloads, scratch }) {
  const goal = join(downloads, `${name}-${version}-${platform}.whl`)
  if (await isFile(goal)) return goal
  await mkdir(downloads, { recursive: true })
  const folder = await mkdtemp(join(scratch, 'pip-'))
  const chosen = ['--only-binary=:all:', '--python-version', pythonVersion, '--platform', platform]
  const index = await run('python3', ['-m', 'pip', 'index', 'versions', '-vvv', ...chosen, name])
  const address = wheelAddress(index.output, { name, version, pythonVersion, platform })
  if (await fromAddress(address, { to: goal, sha256, label })) return goal
  const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '-d', folder, ...chosen, `${name}==${version}`]
  const { code, output } = await watching([folder], label, bytes, () => run('python3', args, { env: { TMPDIR: folder } }))
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'))
  if (code !== 0 || !wheel) throw unreachable(label, `${name} ${version}`, 'pip', output, 'the Python package index')
  await requireSha256(join(folder, wheel), sha256, label)
  await rename(join(folder, wheel), goal)
  await rm(`${goal}.part`, { force: true })
  return goal
}

/** npm's own patience with a dead registry is over a minute. */
const npmPatience = ['--fetch-retries=2', '--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=5000']

/**
 * The address of a wheel among the links pip found in its index; empty when it is not there. (A dry run of pip's would name
 * it too, but older versions fetch the whole wheel for that.)
 * @param {string} printed @param {{ name: string, version: string, pythonVersion: string, platform: string }} wheel
 */
export function wheelAddress(printed, { name, version, pythonVersion, platform }) {
  const start = `/${name.replaceAll('-', '_')}-${version}-cp${pythonVersion.replace('.', '')}-`
  const links = printed.matchAll(/Found link (https?:\/\/[^\s#]+)/g)
  return [...links].map(([, url = '']) => url).find((url) => url.includes(start) && url.includes(platform)) ?? ''
}

/**
 * Fetches what a client named, continuing an earlier attempt.
 * @param {string} printed what the client said: an address, or anything else when it has none
 * @param {{ to: string, sha256: string, label: string }} what
 * @returns {Promise<boolean>} false when the client itself has to fetch it
 */
async function fromAddress(printed, what) {
  const url = printed.trim().split('\n').at(-1) ?? ''
  if (!/^https?:\/\/\S+$/.test(url)) return false
  try {
    await download({ url, ...what })
    return true
  } catch (error) {
    if (error instanceof SetupProblem) throw error
    return false
  }
}

/** Unpacks a .tgz with the system's tar, without its first folder. */
export async function untar(/** @type {string} */ archive, /** @type {string} */ into, /** @type {string[]} */ ...only) {
  await mkdir(into, { recursive: true })
  const { code, output } = await run('tar', ['-xzf', archive, '-C', into, '--strip-components=1', ...only])
  if (code === 0) return
  throw new SetupProblem(
    `${archive} could not be unpacked, because tar said "${tellingLine(output)}": free some disk space and run set-up again.`,
  )
}

/**
 * Shows how a folder grows while a client downloads, as neither npm nor pip tells a program how far it is.
 * @template {{ code: number | null }} T
 * @param {readonly string[]} folders @param {string} label @param {number} bytes @param {() => Promise<T>} work
 */
async function watching(folders, label, bytes, work) {
  const line = progress(label, bytes)
  const sizes = () => Promise.all(folders.map(folderSize)).then((each) => Math.max(...each))
  line.at(0)
  const start = await sizes()
  const timer = setInterval(() => void sizes().then((now) => line.at(Math.max(0, now - start))), 500)
  try {
    const result = await work()
    if (result.code === 0) line.at(bytes)
    return result
  } finally {
    clearInterval(timer)
    line.end()
  }
}

async function folderSize(/** @type {string} */ folder) {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** @returns {SetupProblem} one sentence from what a package client said */
function unreachable(
  /** @type {string} */ label,
  /** @type {string} */ item,
  /** @type {string} */ client,
  /** @type {string} */ output,
  /** @type {string} */ source,
) {
  return new SetupProblem(
    `${label} (${item}) could not be fetched, because ${client} said "${tellingLine(output)}": check the network or the settings of ${client} for ${source}, then run set-up again.`,
  )
}

/** The line of a program's output that says most: one that gives a reason, else its first error, else its last line. */
export function tellingLine(/** @type {string} */ output) {
  const lines = output.split('\n').flatMap((line) => line.trim() || [])
  const reason = lines.find((line) =>
    /reason:|\b404\b|No matching distribution|No module named|fatal error|undefined reference/i.test(line),
  )
  const best = reason ?? lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'nothing'
  return best.replace(/^npm (error|ERR!) /, '').slice(0, 240)
}
