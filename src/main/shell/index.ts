// The start of the program, in order: one instance, sandbox, no network, app:// scheme; then, when Electron is ready,
// page policies, engine, router, menu, window. What the running program does lives in program.ts.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { app, crashReporter, protocol, session } from 'electron'
import { bundleOrigin } from './bundle-file'
import { emptyRequest, readArguments, readHandedOver, type LaunchRequest } from './launch'
import { describeThrown, openLog, type Log } from './logging'
import { cutNetwork } from './network'
import { appPaths } from './paths'
import { bundledPage, guardContents, guardSession, originOf, type PageSource } from './policy'
import { Program } from './program'
import { bundleSchemes, serveBundle } from './protocol'

/** In development the page comes from the dev server on this computer; a packed program knows only its bundle. */
function pageSource(): { readonly page: PageSource; readonly address: string } {
  const devAddress = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']
  const devOrigin = devAddress === undefined ? null : originOf(devAddress)
  if (devAddress === undefined || devOrigin === null) return { page: bundledPage, address: `${bundleOrigin}/index.html` }
  return { page: { origin: devOrigin, isDevelopment: true }, address: devAddress }
}

function chooseUserData(): string {
  app.setName('Latiscope')
  const wanted = app.commandLine.getSwitchValue('user-data-dir')
  const folder = wanted === '' ? join(app.getPath('appData'), 'Latiscope') : resolve(wanted)
  app.setPath('userData', folder)
  return folder
}

/**
 * Chromium cannot sandbox for root on Linux (containers of test machines), and `enableSandbox` would take back the switch that
 * lets it start at all. Every window is still made with `sandbox: true`; for any other user the switch has no effect.
 */
function isRootWithoutSandbox(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && app.commandLine.hasSwitch('no-sandbox')
}

/**
 * Without a graphics device Chromium first tries one and falls back. On Linux a frameless window that opens meanwhile can wait
 * for ever (seen on Electron 33 in virtual machines and remote desktops), so software drawing is chosen from the start.
 */
function hasNoGraphicsDevice(): boolean {
  return process.platform === 'linux' && !existsSync('/dev/dri')
}

function logFaults(log: Log): void {
  process.on('unhandledRejection', (reason) => log('unhandled rejection', { what: describeThrown(reason) }))
  process.on('uncaughtException', (error) => {
    log('uncaught exception', { what: describeThrown(error) })
    // Everything stored is committed by the engine; going on in an unknown state would be worse than a new start.
    app.exit(1)
  })
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => log('child process gone', { type, reason, exitCode }))
}

/** Requests that come before the program runs are kept; the last one counts. */
class LaunchInbox {
  private kept: LaunchRequest
  private program: Program | null = null

  constructor(first: LaunchRequest) {
    this.kept = first
  }

  take(): LaunchRequest {
    const request = this.kept
    this.kept = emptyRequest
    return request
  }

  arrive(request: LaunchRequest): void {
    const asksForSomething = request.projectPath !== null || request.sample !== null
    if (asksForSomething) this.kept = request
    this.program?.launchRequested(asksForSomething)
  }

  connect(program: Program): void {
    this.program = program
  }
}

function boot(userData: string, firstRequest: LaunchRequest): void {
  const log = openLog(join(userData, 'logs'))
  logFaults(log)
  const { page, address } = pageSource()
  const onRefused = (what: string, where: string): void => log('refused', { what, where })

  if (!isRootWithoutSandbox()) app.enableSandbox()
  if (hasNoGraphicsDevice()) app.disableHardwareAcceleration()
  cutNetwork(app.commandLine, page.isDevelopment)
  crashReporter.start({ uploadToServer: false })
  protocol.registerSchemesAsPrivileged(bundleSchemes)
  guardContents(app, page, onRefused)

  const inbox = new LaunchInbox(firstRequest)
  app.on('open-file', (event, path) => {
    event.preventDefault()
    inbox.arrive(readArguments([path], '/'))
  })
  app.on('second-instance', (_event, _argv, _folder, handedOver) => inbox.arrive(readHandedOver(handedOver)))

  const start = (): void => {
    const paths = appPaths(import.meta.dirname, app.isPackaged ? process.resourcesPath : null)
    guardSession(session.defaultSession, page, onRefused)
    serveBundle(session.defaultSession.protocol, paths.renderer)
    const program = new Program({ paths, userData, page, address, log, takeLaunchRequest: () => inbox.take() })
    inbox.connect(program)
    program.start()
  }
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      log('start failed', { what: describeThrown(error) })
      process.stderr.write(`Latiscope could not start: ${error instanceof Error ? error.message : String(error)}\n`)
      app.exit(1)
    })
}

const userData = chooseUserData()
const request = readArguments(process.argv.slice(1), process.cwd())
if (app.requestSingleInstanceLock({ ...request })) boot(userData, request)
else app.exit(0)
