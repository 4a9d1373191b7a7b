// The running program: one window, one engine, the open project's jobs. Makes the parts, connects them, and ends them in order.
import { dirname, join } from 'node:path'
import { app, clipboard, nativeTheme, powerMonitor, powerSaveBlocker, type BrowserWindow } from 'electron'
import { engineMethods, type EngineMethod, type EventName, type ProjectSummary, type Result } from '@contract'
import { version } from '../../../package.json'
import { forkNode } from '../base/child-process-port'
import { cacheFolder } from '../base/folders'
import { Supervisor } from '../base/supervisor'
import { Closing } from './closing'
import { launchCommand } from './commands'
import { Dialogs } from './dialogs'
import { openOwnFolder, showInFolder } from './file-manager'
import { Grants } from './grants'
import { JobBook, type RunningJobs } from './jobs'
import type { LaunchRequest } from './launch'
import { describeThrown, type Log } from './logging'
import { installMenu } from './menu'
import type { AppPaths } from './paths'
import type { PageSource } from './policy'
import { helperForks } from './processes'
import { RecentProjects } from './recent'
import { Router, listen } from './router'
import { sampleFiles } from './sample'
import { openSettings } from './settings'
import { shellHandlers } from './shell-handlers'
import { forkUtility } from './utility-process'
import { openMainWindow, showWindow } from './windows'
import { nextZoom } from './zoom'

export interface ProgramOptions {
  readonly paths: AppPaths
  readonly userData: string
  readonly page: PageSource
  /** What the window loads. */
  readonly address: string
  readonly log: Log
  takeLaunchRequest(): LaunchRequest
}

/** A page that dies over and over is not loaded again. */
const reloadsAllowed = 3

export class Program {
  private window: BrowserWindow | null = null
  private readonly log: Log
  private readonly settings
  private readonly recent
  private readonly dialogs
  private readonly grants
  private readonly supervisor
  private readonly jobs
  private readonly closing
  private setProjectOpen: (isOpen: boolean) => void = () => {}
  private awake: number | null = null
  private reloads = 0
  private isEnding = false

  constructor(private readonly options: ProgramOptions) {
    const { userData, paths, log } = options
    const onFailure = (error: unknown): void => log('settings not written', { what: describeThrown(error) })
    this.log = log
    this.settings = openSettings(userData, onFailure)
    this.recent = new RecentProjects(userData, onFailure)
    this.dialogs = new Dialogs({
      window: () => this.window,
      folder: () => this.settings.current.folder,
      script: app.isPackaged ? null : (process.env['LATISCOPE_TEST_DIALOGS'] ?? null),
    })
    const helpers = helperForks({
      napi: Number(process.versions['napi'] ?? 0),
      nodePath: process.env['LATISCOPE_NODE'],
      paths,
      cacheFolder: cacheFolder(),
      forkUtility,
      forkNode,
    })
    log('start', { version, electron: process.versions.electron, engineIn: helpers.engineIn, platform: process.platform })
    this.supervisor = new Supervisor({
      forkEngine: helpers.forkEngine,
      forkTrainer: helpers.forkTrainer,
      forkReader: helpers.forkReader,
      onEvent: (name, payload) => this.passOn(name, payload),
      log: (line) => log('supervisor', { line }),
    })
    this.grants = new Grants((grant) => this.supervisor.grant(grant))
    this.jobs = new JobBook((jobs) => this.jobsChanged(jobs))
    this.closing = new Closing({
      runningJobs: () => this.jobs.now.ids,
      ask: (count) => this.dialogs.closeWithJobs(count),
      cancelJob: (job) => this.supervisor.call('job.cancel', { job }),
      hideWindow: () => this.window?.hide(),
      quit: () => app.quit(),
    })
  }

  /** Starts the engine, then everything the window needs, then the window. */
  start(): void {
    this.supervisor.start().then(
      (versions) => this.log('engine ready', { ...versions, ms: Math.round(performance.now()) }),
      (error: unknown) => this.log('engine did not start', { what: describeThrown(error) }),
    )
    nativeTheme.themeSource = this.settings.current.theme
    listen(this.router(), (contentsId) => this.window?.webContents.id === contentsId)
    this.setProjectOpen = installMenu({ send: (command) => this.send('menu.command', { command }), own: this.ownCommands() })
    app.on('will-quit', (event) => this.end(event))
    powerMonitor.on('suspend', () => this.supervisor.keepCheckpoints())
    powerMonitor.on('shutdown', () => this.supervisor.keepCheckpoints())
    app.on('window-all-closed', () => app.quit())
    app.on('activate', () => this.launchRequested(false))
    this.openWindow()
    if (this.settings.keptBad !== null) {
      void this.dialogs.tell(
        'Your settings could not be read, so Latiscope starts with the usual ones.',
        `The old file was kept: ${this.settings.keptBad}`,
      )
    }
  }

  /** The program was started again, or a file was opened from outside: show the window and let it ask what for. */
  launchRequested(hasRequest: boolean): void {
    if (!this.window) return
    this.closing.windowShown()
    showWindow(this.window)
    if (hasRequest) this.send('menu.command', { command: launchCommand })
  }

  private openWindow(): void {
    const { paths, address, log } = this.options
    const window = openMainWindow({
      preload: paths.preload,
      icon: paths.icon,
      address,
      settings: this.settings,
      onLoadFailed: (reason) => log('page not loaded', { reason }),
    })
    this.window = window
    window.on('close', (event) => {
      if (!this.closing.mayClose()) event.preventDefault()
    })
    window.once('closed', () => {
      this.window = null
    })
    window.once('show', () => log('window shown', { ms: Math.round(performance.now()) }))
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      log('page gone', { reason, exitCode })
      if (reason !== 'clean-exit' && ++this.reloads <= reloadsAllowed) window.reload()
    })
  }

  private router(): Router {
    return new Router({
      origin: this.options.page.origin,
      callEngine: (method, params) => this.supervisor.call(method, params),
      onEngineAnswer: (method, params, result) => this.engineAnswered(method, params, result),
      handlers: shellHandlers({
        grants: this.grants,
        dialogs: this.dialogs,
        recent: this.recent,
        versions: {
          version,
          electron: process.versions.electron ?? '',
          chrome: process.versions['chrome'] ?? '',
          node: process.versions.node,
          platform: `${process.platform} ${process.arch}`,
        },
        sampleFiles: (sample) =>
          sampleFiles(sample, { userData: this.options.userData, resources: this.options.paths.resources }),
        takeLaunchRequest: () => this.options.takeLaunchRequest(),
        theme: () => this.settings.current.theme,
        setTheme: (theme) => {
          nativeTheme.themeSource = theme
          this.settings.set({ ...this.settings.current, theme })
        },
        // Electron 44 made this asynchronous; awaiting it fits both.
        writeClipboard: (text) => clipboard.writeText(text),
        showInFolder,
        rememberFolder: (path) => this.settings.set({ ...this.settings.current, folder: dirname(path) }),
      }),
      useToken: (token, purpose) => this.grants.use(token, purpose),
      grantDropped: (path) => this.grants.give(path, path.toLowerCase().endsWith('.latiscope') ? 'project' : 'data'),
      onBug: (bug, ref) => this.log('bug', { ref, what: describeThrown(bug) }),
    })
  }

  private engineAnswered(method: EngineMethod, params: Readonly<Record<string, unknown>>, result: Result<unknown>): void {
    if (!result.ok) {
      this.log('refused by engine', { method, code: result.error.code, ref: result.error.ref ?? null })
    } else if (method === 'project.open' || method === 'project.create') {
      const path = this.grants.pathOf(String(params['file']))
      if (path !== null) {
        this.recent.add(path, (result.value as ProjectSummary).name, new Date().toISOString())
        app.addRecentDocument(path)
      }
      this.setProjectOpen(true)
    } else if (method === 'project.close') this.setProjectOpen(false)
    else if (engineMethods[method].kind === 'job') this.jobs.started((result.value as { job: string }).job)
  }

  private passOn(name: EventName, payload: unknown): void {
    this.jobs.hear(name, payload)
    if (name === 'engine.restarted') this.setProjectOpen((payload as { reopened: boolean }).reopened)
    this.send(name, payload)
  }

  private send(name: EventName, payload: unknown): void {
    const contents = this.window?.webContents
    if (contents && !contents.isDestroyed()) contents.send('latiscope:event', { name, payload })
  }

  private jobsChanged({ ids, share }: RunningJobs): void {
    this.window?.setProgressBar(ids.length === 0 ? -1 : (share ?? 2))
    if (ids.length > 0 && this.awake === null) this.awake = powerSaveBlocker.start('prevent-app-suspension')
    if (ids.length === 0 && this.awake !== null) {
      powerSaveBlocker.stop(this.awake)
      this.awake = null
    }
    this.closing.jobsChanged()
  }

  private ownCommands(): Parameters<typeof installMenu>[0]['own'] {
    const zoom = (step: 1 | 0 | -1) => () => {
      const contents = this.window?.webContents
      if (!contents) return
      contents.setZoomFactor(nextZoom(contents.getZoomFactor(), step))
      this.settings.set({ ...this.settings.current, zoom: contents.getZoomFactor() })
    }
    return {
      'view.zoom-in': zoom(1),
      'view.zoom-out': zoom(-1),
      'view.zoom-reset': zoom(0),
      'help.logs': () => void openOwnFolder(join(this.options.userData, 'logs')),
    }
  }

  /** Last step: the engine closes its project, then settings reach the disk, then the program ends. */
  private end(event: { preventDefault(): void }): void {
    event.preventDefault()
    if (this.isEnding) return
    this.isEnding = true
    void this.supervisor
      .stop()
      .then(() => Promise.all([this.settings.flush(), this.recent.flush()]))
      .catch((error: unknown) => this.log('end', { what: describeThrown(error) }))
      .finally(() => app.exit(0))
  }
}
