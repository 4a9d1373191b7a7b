// What the operating system must bring on Linux: libraries of Electron, a virtual screen for tests, a compiler and pip.
// Looked for by what is really needed (libraries, programs), not by package names, so any distribution can satisfy it;
// only Debian and Ubuntu, as root, are helped automatically.
import { existsSync } from 'node:fs'
import { run } from './clients.mjs'
import { say, SetupProblem } from './report.mjs'

/**
 * Debian's package for each library or program. Where two names stand, the first is that of Debian 13 and Ubuntu 24.04,
 * whose 64-bit time change renamed packages.
 * @type {Record<string, readonly string[]>}
 */
export const packageNames = {
  'libgtk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libnss3.so': ['libnss3'],
  'libasound.so.2': ['libasound2t64', 'libasound2'],
  'libgbm.so.1': ['libgbm1'],
  'libXss.so.1': ['libxss1'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  'libcups.so.2': ['libcups2t64', 'libcups2'],
  'libdrm.so.2': ['libdrm2'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
  'libxshmfence.so.1': ['libxshmfence1'],
  'xvfb-run': ['xvfb'],
  xauth: ['xauth'],
  'g++': ['g++'],
  strip: ['binutils'],
  python3: ['python3'],
  pip: ['python3-pip'],
}

/** What each purpose needs. */
export const needs = {
  window: Object.keys(packageNames).filter((name) => name.startsWith('lib')),
  virtualScreen: ['xvfb-run', 'xauth'],
  compiler: ['g++', 'strip', 'python3', 'pip'],
}

/**
 * Makes sure that libraries and programs are there, by apt-get where that is allowed.
 * @param {readonly string[]} wanted names from `needs`
 */
export async function ensureSystem(wanted) {
  if (process.platform !== 'linux') return
  const missing = await missingOf(wanted)
  if (missing.length === 0) return
  if (!existsSync('/usr/bin/apt-get')) {
    throw new SetupProblem(
      `This system lacks ${missing.join(', ')}, which Latiscope needs here and can install by itself on Debian and Ubuntu only: install them with your package manager, then run set-up again.`,
    )
  }
  if (process.getuid?.() !== 0) {
    const packages = (await aptNames(missing)).join(' ')
    throw new SetupProblem(
      `This system lacks ${missing.join(', ')}, and only an administrator may install them: run \`sudo apt-get install --no-install-recommends ${packages}\`, then run set-up again.`,
    )
  }
  await aptInstall(missing)
  const still = await missingOf(missing)
  if (still.length === 0) return
  throw new SetupProblem(
    `apt-get was run, but ${still.join(', ')} cannot be found afterwards: install the packages that hold them, then run set-up again.`,
  )
}

/** @param {readonly string[]} wanted @returns {Promise<string[]>} */
async function missingOf(wanted) {
  const isLibrary = (/** @type {string} */ name) => name.startsWith('lib')
  const known = wanted.some(isLibrary) ? await libraries() : new Set()
  const missing = wanted.filter((name) => (isLibrary(name) ? !known.has(name) : name !== 'pip' && !isOnPath(name)))
  const hasPip = !wanted.includes('pip') || (await run('python3', ['-m', 'pip', '--version'])).code === 0
  return hasPip ? missing : [...missing, 'pip']
}

/** The names of all shared libraries the loader knows. */
async function libraries() {
  const program = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find((path) => existsSync(path)) ?? 'ldconfig'
  const { output } = await run(program, ['-p'])
  return new Set(output.split('\n').map((line) => line.trim().split(' ')[0]))
}

function isOnPath(/** @type {string} */ program) {
  return (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(`${folder}/${program}`))
}

/** @param {readonly string[]} missing */
async function aptInstall(missing) {
  const known = await aptNames(missing)
  if ((await isKnownToApt(known)) && (await apt('install', known))) return
  say('refreshing the list of system packages (apt-get update) …')
  await apt('update', [])
  const packages = await aptNames(missing)
  if (await apt('install', packages)) return
  throw new SetupProblem(
    `The system packages ${packages.join(' ')} could not be installed, because apt-get failed with the message above: check the network and apt's sources, then run set-up again.`,
  )
}

/** @returns {Promise<boolean>} whether it succeeded */
async function apt(/** @type {'install' | 'update'} */ verb, /** @type {readonly string[]} */ packages) {
  if (verb === 'install') say(`installing system packages: ${packages.join(' ')} …`)
  const args = ['-qq', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120', verb]
  if (verb === 'install') args.push('-y', '--no-install-recommends', ...packages)
  const { code } = await run('apt-get', args, { show: true, env: { DEBIAN_FRONTEND: 'noninteractive' } })
  return code === 0
}

/** Of a library's possible package names, the one this release of the system has; the last where none is known yet. */
async function aptNames(/** @type {readonly string[]} */ missing) {
  const names = []
  for (const name of missing) {
    const candidates = packageNames[name] ?? []
    let chosen = candidates.at(-1)
    for (const candidate of candidates.slice(0, -1)) if (await isKnownToApt([candidate])) chosen = candidate
    if (chosen !== undefined) names.push(chosen)
  }
  return names
}

async function isKnownToApt(/** @type {readonly string[]} */ packages) {
  return (await run('apt-cache', ['show', '--no-all-versions', ...packages])).code === 0
}
