// The one list of commands: it feeds the project menu, the palette, the keys and the list of keys in the help.
// A command that cannot run now says why instead of hiding. Ids are those of the native menu where it has the command too.
import { chooseDataFile, chooseDataFolder, chooseProject, closeProject, openSample } from '../bridge/project-actions'
import { navigate, pages, type Page } from '../bridge/navigation'
import { useProjectStore } from '../bridge/project-store'
import { useOntologyLibrary } from '../bridge/ontology-library'
import { appText } from '../text/app'
import { libraryText } from '../text/linking'
import { startText } from '../text/start'
import { setTheme } from './theme'
import { exportOpen, helpOpen, paletteOpen } from './overlays'

export interface Command {
  readonly id: string
  readonly label: string
  /** As shown to the user, e.g. "Ctrl K". */
  readonly keys: string | null
  /** Null when the command can run now. */
  readonly disabledReason: () => string | null
  readonly run: () => void
}

export const laterPages: ReadonlySet<Page> = new Set<Page>(['compare', 'lab'])
const always = (): null => null
const needsProject = (): string | null => (useProjectStore().summary === null ? appText.commands.noProject : null)

const command = (
  id: string,
  label: string,
  keys: string | null,
  run: () => void,
  disabledReason: () => string | null = always,
): Command => ({
  id,
  label,
  keys,
  disabledReason,
  run,
})

const needsRun = (): string | null => needsProject() ?? (useProjectStore().run?.state === 'done' ? null : appText.commands.noRun)

export const commands: readonly Command[] = [
  command('file.new', appText.commands.new, 'Ctrl N', () => void chooseDataFile()),
  command('file.new-folder', appText.commands.newFromFolder, null, () => void chooseDataFolder()),
  command('file.open', appText.commands.open, 'Ctrl O', () => void chooseProject()),
  command('file.sample', appText.commands.sample, null, () => void openSample('pbmc', startText.samples.pbmc.name)),
  command('file.export', appText.commands.export, 'Ctrl E', () => (exportOpen.value = true), needsRun),
  command('file.close', appText.commands.close, 'Ctrl W', () => void closeProject(), needsProject),
  command('edit.find', appText.commands.search, 'Ctrl K', () => (paletteOpen.value = true), needsProject),
  ...pages.map((page, index) =>
    command(
      `view.${page}`,
      appText.commands.goTo(appText.pages[page]),
      `Ctrl ${index + 1}`,
      () => navigate(page),
      () => needsProject() ?? (laterPages.has(page) ? appText.later.tooltip : null),
    ),
  ),
  command('theme.system', appText.theme.system, null, () => void setTheme('system')),
  command('theme.light', appText.theme.light, null, () => void setTheme('light')),
  command('theme.dark', appText.theme.dark, null, () => void setTheme('dark')),
  command('ontology.library', libraryText.command, null, () => void useOntologyLibrary().open()),
  command('help.open', appText.commands.help, '?', () => (helpOpen.value = true)),
]

/** Runs a command by its id when it can run; unknown ids are ignored, as a menu may be newer than the window. */
export function runCommand(id: string): void {
  const found = commands.find((candidate) => candidate.id === id)
  if (found && found.disabledReason() === null) found.run()
}

const keysWithCommand: Readonly<Record<string, string>> = {
  k: 'edit.find',
  n: 'file.new',
  o: 'file.open',
  e: 'file.export',
  w: 'file.close',
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

/** Which command a key press means, if any. Pure but for looking at the target. */
export function commandOfKey(event: KeyboardEvent): string | null {
  const command = event.ctrlKey || event.metaKey
  if (event.key === 'F1') return 'help.open'
  if (!command) return event.key === '?' && !isTyping(event.target) ? 'help.open' : null
  if (event.altKey || event.shiftKey) return null
  const page = pages[Number(event.key) - 1]
  if (page) return `view.${page}`
  return keysWithCommand[event.key.toLowerCase()] ?? null
}
