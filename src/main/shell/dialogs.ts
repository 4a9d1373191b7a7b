// Native dialogs as small functions. Cancelling never means discarding: every one answers null or the safe button then.
// In an unpacked program a file named by LATISCOPE_TEST_DIALOGS answers instead, because native dialogs cannot be clicked by a test.
import { readFileSync } from 'node:fs'
import { dialog, type BrowserWindow, type FileFilter } from 'electron'
import * as v from 'valibot'
import type { FigureKind, TextFile } from '@contract'

export type DialogName =
  | 'chooseData'
  | 'chooseModel'
  | 'chooseText'
  | 'chooseProject'
  | 'newProject'
  | 'chooseExport'
  | 'savePicture'
  | 'saveFigure'
  | 'closeWithJobs'
  | 'tell'
export type CloseAnswer = 'keep' | 'stop' | 'cancel'

const Script = v.array(v.strictObject({ dialog: v.string(), path: v.optional(v.string()), button: v.optional(v.string()) }))
type ScriptedAnswer = v.InferOutput<typeof Script>[number]

const projectFilter: FileFilter = { name: 'Latiscope project', extensions: ['latiscope'] }
const dataFilters: FileFilter[] = [
  {
    name: 'Cells',
    extensions:
      'h5ad h5mu h5 loom zarr zip json npy npz parquet feather arrow csv tsv txt gz mtx xlsx pt pth safetensors gtf gff3 bed'.split(
        ' ',
      ),
  },
  { name: 'All files', extensions: ['*'] },
]

const modelFilters: FileFilter[] = [
  { name: 'Weights', extensions: ['safetensors', 'pt', 'pth'] },
  { name: 'All files', extensions: ['*'] },
]

const textFiles: Readonly<Record<TextFile, { readonly title: string; readonly endings: string }>> = {
  obo: { title: 'Choose the terms (OBO)', endings: 'obo gz txt' },
  associations: { title: 'Choose the annotations (GAF, gene2go or a table)', endings: 'gaf gpad gz tsv csv txt' },
  gmt: { title: 'Choose the gene sets (GMT)', endings: 'gmt gz txt' },
  genes: { title: 'Choose the list of background genes', endings: 'txt csv tsv' },
  cells: { title: 'Choose the list of cell names', endings: 'txt csv tsv' },
}

const figures: Readonly<Record<FigureKind, { readonly title: string; readonly filter: string }>> = {
  svg: { title: 'Save picture', filter: 'SVG picture' },
  csv: { title: 'Save table', filter: 'Table (CSV)' },
}

export interface DialogOptions {
  readonly window: () => BrowserWindow | null
  /** Folder of the last choice, or null. */
  readonly folder: () => string | null
  /** JSON list of answers, used one after the other per dialog; null in a packed program. Read anew each time. */
  readonly script: string | null
}

export class Dialogs {
  private readonly taken = new Set<number>()

  constructor(private readonly options: DialogOptions) {}

  /** Systems other than macOS offer files or folders in one dialog, never both; so the user says which before. */
  chooseData(what: 'folder' | 'file'): Promise<string | null> {
    return what === 'file'
      ? this.choose('chooseData', 'Choose the file that holds the cells', dataFilters)
      : this.choose('chooseData', 'Choose a folder written by 10x Genomics or as Zarr', [], what)
  }

  chooseModel(what: 'folder' | 'file'): Promise<string | null> {
    return this.choose('chooseModel', 'Choose the model', what === 'file' ? modelFilters : [], what)
  }

  chooseText(what: TextFile): Promise<string | null> {
    const { title, endings } = textFiles[what]
    return this.choose('chooseText', title, [
      { name: 'Text', extensions: endings.split(' ') },
      { name: 'All files', extensions: ['*'] },
    ])
  }

  chooseProject(): Promise<string | null> {
    return this.choose('chooseProject', 'Open project', [projectFilter])
  }

  newProject(suggestedName: string): Promise<string | null> {
    return this.save('newProject', 'New project', suggestedName, [projectFilter])
  }

  chooseExport(suggestedName: string): Promise<string | null> {
    return this.save('chooseExport', 'Export', suggestedName, [])
  }

  savePicture(suggestedName: string): Promise<string | null> {
    return this.save('savePicture', 'Save picture', suggestedName, [{ name: 'PNG picture', extensions: ['png'] }])
  }

  saveFigure(suggestedName: string, kind: FigureKind): Promise<string | null> {
    const { title, filter } = figures[kind]
    return this.save('saveFigure', title, suggestedName, [{ name: filter, extensions: [kind] }])
  }

  /** Asked when the window is closed during a job; Esc is `cancel`. */
  async closeWithJobs(count: number): Promise<CloseAnswer> {
    const answers: readonly CloseAnswer[] = ['keep', 'stop', 'cancel']
    if (this.options.script !== null) {
      const button = this.scripted('closeWithJobs')?.button
      return answers.find((answer) => answer === button) ?? 'cancel'
    }
    const { response } = await this.ask({
      type: 'question',
      message: count === 1 ? 'A job is still running.' : `${count} jobs are still running.`,
      detail:
        'Keep running closes the window and finishes the work in the background. Stop ends it; what was stored before is safe.',
      buttons: ['Keep running', 'Stop', 'Cancel'],
      defaultId: 0,
      cancelId: 2,
      noLink: true,
    })
    return answers[response] ?? 'cancel'
  }

  /** Says something that needs no decision. */
  async tell(message: string, detail: string): Promise<void> {
    if (this.options.script !== null) return void this.scripted('tell')
    await this.ask({ type: 'info', message, detail, buttons: ['OK'] })
  }

  private ask(options: Electron.MessageBoxOptions): Promise<Electron.MessageBoxReturnValue> {
    const window = this.options.window()
    return window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options)
  }

  private async choose(
    name: DialogName,
    title: string,
    filters: FileFilter[],
    what: 'folder' | 'file' = 'file',
  ): Promise<string | null> {
    if (this.options.script !== null) return this.scripted(name)?.path ?? null
    const options: Electron.OpenDialogOptions = {
      title,
      filters,
      properties: [what === 'folder' ? 'openDirectory' : 'openFile', 'dontAddToRecent'],
      ...this.startFolder(''),
    }
    const window = this.options.window()
    const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
    return canceled ? null : (filePaths[0] ?? null)
  }

  private async save(name: DialogName, title: string, suggestedName: string, filters: FileFilter[]): Promise<string | null> {
    if (this.options.script !== null) return this.scripted(name)?.path ?? null
    const options: Electron.SaveDialogOptions = {
      title,
      filters,
      properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
      ...this.startFolder(suggestedName),
    }
    const window = this.options.window()
    const { canceled, filePath } = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options))
    return canceled || !filePath ? null : filePath
  }

  private startFolder(fileName: string): { defaultPath?: string } {
    const folder = this.options.folder()
    const path = [folder, fileName].filter(Boolean).join('/')
    return path === '' ? {} : { defaultPath: path }
  }

  private scripted(name: DialogName): ScriptedAnswer | null {
    const answers = v.parse(Script, JSON.parse(readFileSync(this.options.script ?? '', 'utf8')))
    const position = answers.findIndex((answer, at) => answer.dialog === name && !this.taken.has(at))
    if (position < 0) return null
    this.taken.add(position)
    return answers[position] ?? null
  }
}
