// The commands of the native menu, in one list. The window carries most of them out: it is sent the command's name.
// Invariant: `sent` commands have an owner in the window; accelerators follow the platform (CmdOrCtrl).
export type MenuName = 'File' | 'Edit' | 'View' | 'Help'

export interface Command {
  readonly id: string
  readonly menu: MenuName
  readonly label: string
  readonly accelerator?: string
  /** Carried out by the window (default) or by the shell itself. */
  readonly by?: 'shell'
  /** Only possible while a project is open. */
  readonly needsProject?: true
  /** A line above this entry. */
  readonly startsGroup?: true
}

export const commands = [
  { id: 'file.new', menu: 'File', label: 'New project from a file…', accelerator: 'CmdOrCtrl+N' },
  { id: 'file.open', menu: 'File', label: 'Open project…', accelerator: 'CmdOrCtrl+O' },
  { id: 'file.sample', menu: 'File', label: 'Open sample project' },
  { id: 'file.export', menu: 'File', label: 'Export…', accelerator: 'CmdOrCtrl+E', needsProject: true, startsGroup: true },
  { id: 'file.close', menu: 'File', label: 'Close project', accelerator: 'CmdOrCtrl+W', needsProject: true, startsGroup: true },
  {
    id: 'edit.find',
    menu: 'Edit',
    label: 'Find gene, term or feature…',
    accelerator: 'CmdOrCtrl+K',
    needsProject: true,
    startsGroup: true,
  },
  { id: 'view.data', menu: 'View', label: 'Data', accelerator: 'CmdOrCtrl+1', needsProject: true },
  { id: 'view.train', menu: 'View', label: 'Train', accelerator: 'CmdOrCtrl+2', needsProject: true },
  { id: 'view.features', menu: 'View', label: 'Features', accelerator: 'CmdOrCtrl+3', needsProject: true },
  { id: 'view.zoom-in', menu: 'View', label: 'Larger', accelerator: 'CmdOrCtrl+Plus', by: 'shell', startsGroup: true },
  { id: 'view.zoom-out', menu: 'View', label: 'Smaller', accelerator: 'CmdOrCtrl+-', by: 'shell' },
  { id: 'view.zoom-reset', menu: 'View', label: 'Actual size', accelerator: 'CmdOrCtrl+0', by: 'shell' },
  { id: 'help.open', menu: 'Help', label: 'Help', accelerator: 'F1' },
  { id: 'help.logs', menu: 'Help', label: 'Show log folder', by: 'shell', startsGroup: true },
  { id: 'help.about', menu: 'Help', label: 'About Latiscope' },
] as const satisfies readonly Command[]

export type CommandId = (typeof commands)[number]['id']
export type ShellCommandId = Extract<(typeof commands)[number], { by: 'shell' }>['id']

/** Sent when a second start or the file manager asked for a project: the window then asks for `launch.request` again. */
export const launchCommand = 'launch.open'
