// What the shell does for the window, one short handler a method: dialogs, samples, recent projects, appearance, clipboard.
// Invariant: paths stay here; the window gets tokens and names.
import type { FigureKind, Granted, TextFile, Theme } from '@contract'
import { refuse } from '../base/refusal'
import { writeAtomically } from './atomic-file'
import type { Grants, Purpose } from './grants'
import type { LaunchRequest, SampleName } from './launch'
import type { RecentFile } from './recent'
import type { ShellHandlers } from './router'
import type { SampleFiles } from './sample'

/** The parts of the shell the handlers need; all of Electron behind plain functions, so that tests need none. */
export interface HandlerParts {
  readonly grants: Grants
  readonly dialogs: {
    chooseData(what: 'folder' | 'file'): Promise<string | null>
    chooseModel(what: 'folder' | 'file'): Promise<string | null>
    chooseText(what: TextFile): Promise<string | null>
    chooseProject(): Promise<string | null>
    newProject(suggestedName: string): Promise<string | null>
    chooseExport(suggestedName: string): Promise<string | null>
    savePicture(suggestedName: string): Promise<string | null>
    saveFigure(suggestedName: string, kind: FigureKind): Promise<string | null>
  }
  readonly recent: { list(): RecentFile[]; remove(path: string): void }
  readonly versions: {
    readonly version: string
    readonly electron: string
    readonly chrome: string
    readonly node: string
    readonly platform: string
  }
  sampleFiles(sample: SampleName): SampleFiles
  /** The start request, once; afterwards empty until the program is started again with another. */
  takeLaunchRequest(): LaunchRequest
  theme(): Theme
  setTheme(theme: Theme): void
  writeClipboard(text: string): void | Promise<void>
  showInFolder(path: string): void
  /** Remembers the folder of a chosen file for the next dialog. */
  rememberFolder(path: string): void
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Adds the ending a save dialog may leave out (GTK does). */
const withEnding = (path: string, ending: string): string => (path.toLowerCase().endsWith(ending) ? path : path + ending)

/** A suggested file name without characters a file system refuses. */
export const fileNameFrom = (text: string): string =>
  text.replace(/[\\/:*?"<>|\p{Cc}\s]+/gu, ' ').replace(/^[. ]+|[. ]+$/g, '') || 'Untitled'

function nameOf(parts: HandlerParts, path: string, purpose: Purpose): Granted {
  parts.rememberFolder(path)
  return parts.grants.give(path, purpose)
}

function chosenPath(parts: HandlerParts, token: string): string {
  return parts.grants.pathOf(token) ?? refuse('BAD_REQUEST', { why: 'unknown file' })
}

/** Pictures and tables made by the window, into files the user chooses. */
function figureHandlers(parts: HandlerParts): Pick<ShellHandlers, 'files.savePicture' | 'files.saveFigure'> {
  const { dialogs } = parts
  return {
    'files.savePicture': async ({ suggestedName, pngBase64 }) => {
      const picture = Buffer.from(pngBase64, 'base64')
      if (!picture.subarray(0, pngSignature.length).equals(pngSignature)) refuse('BAD_REQUEST', { why: 'not a PNG picture' })
      const chosen = await dialogs.savePicture(withEnding(fileNameFrom(suggestedName), '.png'))
      if (chosen === null) return null
      const path = withEnding(chosen, '.png')
      await writeAtomically(path, picture)
      return { name: nameOf(parts, path, 'export').name }
    },
    'files.saveFigure': async ({ suggestedName, kind, text }) => {
      if (kind === 'svg' && !text.startsWith('<svg')) refuse('BAD_REQUEST', { why: 'not an SVG picture' })
      const chosen = await dialogs.saveFigure(withEnding(fileNameFrom(suggestedName), `.${kind}`), kind)
      if (chosen === null) return null
      const path = withEnding(chosen, `.${kind}`)
      await writeAtomically(path, Buffer.from(text))
      return { name: nameOf(parts, path, 'export').name }
    },
  }
}

export function shellHandlers(parts: HandlerParts): ShellHandlers {
  const { dialogs, grants, recent } = parts
  const granted = (path: string | null, purpose: Purpose): Granted | null => (path === null ? null : nameOf(parts, path, purpose))
  return {
    'files.chooseData': async ({ what }) => granted(await dialogs.chooseData(what ?? 'file'), 'data'),
    'files.chooseModel': async ({ what }) => granted(await dialogs.chooseModel(what), 'data'),
    'files.chooseText': async ({ what }) => granted(await dialogs.chooseText(what), 'data'),
    'files.chooseProject': async () => granted(await dialogs.chooseProject(), 'project'),
    'files.newProject': async ({ suggestedName }) => {
      const path = await dialogs.newProject(withEnding(fileNameFrom(suggestedName), '.latiscope'))
      return granted(path === null ? null : withEnding(path, '.latiscope'), 'project')
    },
    'files.chooseExport': async ({ suggestedName }) => granted(await dialogs.chooseExport(fileNameFrom(suggestedName)), 'export'),
    'sample.files': ({ sample }) => {
      const files = parts.sampleFiles(sample)
      return {
        project: grants.give(files.projectPath, 'project'),
        data: grants.give(files.dataPath, 'data'),
        exists: files.exists,
      }
    },
    'launch.request': () => {
      const { projectPath, sample } = parts.takeLaunchRequest()
      return { project: projectPath === null ? null : grants.give(projectPath, 'project'), sample }
    },
    'recent.list': () =>
      recent.list().map(({ path, name, folder, openedAt, missing }) => ({
        token: grants.give(path, 'project').token,
        name,
        folder,
        openedAt,
        missing,
      })),
    'recent.remove': ({ token }) => {
      recent.remove(chosenPath(parts, token))
      return {}
    },
    'theme.get': () => parts.theme(),
    'theme.set': ({ theme }) => (parts.setTheme(theme), {}),
    'clipboard.write': async ({ text }) => {
      await parts.writeClipboard(text)
      return {}
    },
    'files.showInFolder': ({ token }) => {
      parts.showInFolder(chosenPath(parts, token))
      return {}
    },
    ...figureHandlers(parts),
    'app.info': () => ({ ...parts.versions }),
  }
}
