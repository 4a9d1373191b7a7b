// Serves the built window under app://bundle: only files of the bundle, only GET, never sniffed, always with the content policy.
import { readFile } from 'node:fs/promises'
import type { CustomScheme, Protocol } from 'electron'
import { bundleFile, bundleScheme } from './bundle-file'

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "object-src 'none'",
].join('; ')

/** To be registered before Electron is ready: app:// gets an origin of its own and counts as secure. */
export const bundleSchemes: CustomScheme[] = [
  { scheme: bundleScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
]

const headers = (mimeType: string): Record<string, string> => ({
  'Content-Type': mimeType,
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
})

const refusal = (status: number): Response => new Response('', { status, headers: headers('text/plain; charset=utf-8') })

/** Answers one request for the bundle under `root`: 405 for other methods, 404 for everything that is not a file of it. */
export async function answerBundleRequest(
  request: { readonly url: string; readonly method: string },
  root: string,
): Promise<Response> {
  if (request.method !== 'GET') return refusal(405)
  const file = bundleFile(request.url, root)
  if (!file) return refusal(404)
  try {
    return new Response(new Uint8Array(await readFile(file.path)), { status: 200, headers: headers(file.mimeType) })
  } catch {
    return refusal(404)
  }
}

/** Puts the bundle under `root` (absolute) behind app://bundle. */
export function serveBundle(protocol: Protocol, root: string): void {
  protocol.handle(bundleScheme, (request) => answerBundleRequest(request, root))
}
