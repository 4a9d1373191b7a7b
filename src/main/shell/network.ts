// Latiscope has no network: Chromium's own background traffic is switched off and what is left meets a dead proxy and no names.
import type { CommandLine } from 'electron'

const switches: readonly (readonly [name: string, value?: string])[] = [
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-client-side-phishing-detection'],
  ['disable-domain-reliability'],
  ['disable-sync'],
  ['disable-breakpad'],
  ['dns-prefetch-disable'],
  ['no-pings'],
  ['no-first-run'],
  ['metrics-recording-only'],
]

/** To be called before Electron is ready. In development the page comes over loopback, so names and proxy stay as they are. */
export function cutNetwork(commandLine: CommandLine, isDevelopment: boolean): void {
  for (const [name, value] of switches) commandLine.appendSwitch(name, value)
  if (isDevelopment) return
  commandLine.appendSwitch('proxy-server', 'http://127.0.0.1:9')
  commandLine.appendSwitch('proxy-bypass-list', '<-loopback>')
  commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
}
