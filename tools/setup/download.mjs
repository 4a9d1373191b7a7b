// Fetches one pinned file over HTTP: shown with progress, resumed after an interruption, accepted only by its SHA-256.
// A file under its final name is always complete and verified; what is under way ends in `.part`.
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { dirname } from 'node:path'
import { finished, pipeline } from 'node:stream/promises'
import { connect as tlsConnect } from 'node:tls'
import { progress, SetupProblem } from './report.mjs'

const MOST_REDIRECTS = 5
const ATTEMPTS = 3

/** @param {string} path @returns {Promise<string>} lower-case hexadecimal SHA-256 */
export async function sha256OfFile(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/**
 * Refuses (and removes) a file whose content is not the pinned one.
 * @param {string} path @param {string} sha256 @param {string} label
 */
export async function requireSha256(path, sha256, label) {
  const found = await sha256OfFile(path)
  if (found === sha256) return
  await rm(path, { force: true })
  throw new SetupProblem(
    `${label} was fetched, but it is not the pinned file (SHA-256 ${found.slice(0, 12)}… instead of ${sha256.slice(0, 12)}…), so it was deleted: run set-up again, and report it if this repeats.`,
  )
}

/**
 * @param {{ url: string, to: string, sha256: string, label: string, connectMs?: number, idleMs?: number }} what
 *   connectMs: limit for the first answer; idleMs: limit for silence in the middle.
 * @returns {Promise<string>} `to`
 */
export async function download({ url, to, sha256, label, connectMs = 6_000, idleMs = 30_000 }) {
  if (await isFile(to)) return to
  const part = `${to}.part`
  await mkdir(dirname(to), { recursive: true })
  for (let attempt = 1; ; attempt += 1) {
    const before = await sizeOf(part)
    try {
      await fetchRest(url, part, { label, connectMs, idleMs })
      break
    } catch (error) {
      const progressed = (await sizeOf(part)) > before
      if (attempt >= ATTEMPTS || !progressed) throw error
    }
  }
  await requireSha256(part, sha256, label)
  await rename(part, to)
  return to
}

/** Appends what is missing of `part`, or starts anew where the server cannot continue. */
async function fetchRest(
  /** @type {string} */ url,
  /** @type {string} */ part,
  /** @type {{ label: string, connectMs: number, idleMs: number }} */ { label, connectMs, idleMs },
) {
  const have = await sizeOf(part)
  const response = await get(url, have > 0 ? { range: `bytes=${have}-` } : {}, connectMs)
  if (response.statusCode === 416) {
    response.resume()
    return
  }
  const continued = response.statusCode === 206
  if (!continued && response.statusCode !== 200) {
    response.resume()
    throw new Error(`the server answered ${response.statusCode}`)
  }
  let done = continued ? have : 0
  const line = progress(label, done + Number(response.headers['content-length'] ?? 0))
  response.setTimeout(idleMs, () => response.destroy(new Error(`nothing arrived for ${idleMs / 1000} s`)))
  // Written at once, not through a pipe: what has arrived before a break stays, to be continued from.
  const file = openSync(part, continued ? 'a' : 'w')
  response.on('data', (chunk) => {
    try {
      writeSync(file, chunk)
      line.at((done += chunk.length))
    } catch (error) {
      response.destroy(error instanceof Error ? error : undefined)
    }
  })
  try {
    await finished(response)
  } finally {
    line.end()
    closeSync(file)
  }
}

/**
 * @param {string} url @param {Record<string, string>} headers @param {number} connectMs
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
async function get(url, headers, connectMs) {
  let address = new URL(url)
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const response = await getOnce(address, headers, connectMs)
    const location = response.headers.location
    if (!location || (response.statusCode ?? 0) < 300 || (response.statusCode ?? 0) >= 400) return response
    response.resume()
    address = new URL(location, address)
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirections`)
}

/** @returns {Promise<import('node:http').IncomingMessage>} */
async function getOnce(
  /** @type {URL} */ address,
  /** @type {Record<string, string>} */ headers,
  /** @type {number} */ connectMs,
) {
  const proxy = proxyFor(address, process.env)
  const socket = proxy ? await tunnel(proxy, address, connectMs) : null
  return new Promise((answered, failed) => {
    const send = address.protocol === 'http:' ? httpRequest : httpsRequest
    const through = socket ? { agent: false, createConnection: () => socket } : {}
    const outgoing = send(address, { headers: { 'user-agent': 'latiscope-setup', ...headers }, ...through })
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${connectMs / 1000} s`)), connectMs)
    outgoing.once('response', (response) => {
      clearTimeout(timer)
      answered(response)
    })
    outgoing.once('error', (error) => {
      clearTimeout(timer)
      failed(error)
    })
    outgoing.end()
  })
}

/**
 * The proxy the environment asks for, or null. Only https addresses go through one.
 * @param {URL} address @param {NodeJS.ProcessEnv} env @returns {URL | null}
 */
export function proxyFor(address, env) {
  const proxy = env.HTTPS_PROXY || env.https_proxy || env.ALL_PROXY || env.all_proxy
  if (address.protocol !== 'https:' || !proxy) return null
  const exceptions = (env.NO_PROXY ?? env.no_proxy ?? '').split(',').map((name) => name.trim().replace(/^\*?\./, ''))
  const isExcepted = exceptions.some((name) => name === '*' || (name && `.${address.hostname}`.endsWith(`.${name}`)))
  return isExcepted ? null : new URL(proxy.includes('://') ? proxy : `http://${proxy}`)
}

/** @returns {Promise<import('node:tls').TLSSocket>} a TLS connection to `address` through an HTTP proxy */
function tunnel(/** @type {URL} */ proxy, /** @type {URL} */ address, /** @type {number} */ connectMs) {
  const goal = `${address.hostname}:${address.port || 443}`
  const login = decodeURIComponent(`${proxy.username}:${proxy.password}`)
  const headers = {
    host: goal,
    ...(proxy.username ? { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` } : {}),
  }
  return new Promise((ready, failed) => {
    const outgoing = httpRequest({ host: proxy.hostname, port: proxy.port || 80, method: 'CONNECT', path: goal, headers })
    outgoing.setTimeout(connectMs, () => outgoing.destroy(new Error(`the proxy gave no answer within ${connectMs / 1000} s`)))
    outgoing.once('error', failed)
    outgoing.once('connect', (response, socket) => {
      if (response.statusCode !== 200) failed(new Error(`the proxy answered ${response.statusCode}`))
      else ready(tlsConnect({ socket, servername: address.hostname }))
    })
    outgoing.end()
  })
}

/** @param {string} path @returns {Promise<boolean>} */
export async function isFile(path) {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** @param {string} path @returns {Promise<number>} bytes; 0 when there is no such file */
async function sizeOf(path) {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
