// The native menu, built from the one command list. On Windows and Linux it hides under Alt.
import { Menu, app, type MenuItemConstructorOptions } from 'electron'
import { commands, type Command, type MenuName, type ShellCommandId } from './commands'

export interface MenuActions {
  /** Sends a command to the window. */
  send(command: string): void
  readonly own: Readonly<Record<ShellCommandId, () => void>>
}

type Item = MenuItemConstructorOptions

const separator: Item = { type: 'separator' }

function entriesOf(menu: MenuName, actions: MenuActions): Item[] {
  return (commands as readonly Command[])
    .filter((command) => command.menu === menu)
    .flatMap((command) => {
      const item: Item = {
        id: command.id,
        label: command.label,
        enabled: command.needsProject !== true,
        click: () => (command.by === 'shell' ? actions.own[command.id as ShellCommandId]() : actions.send(command.id)),
        ...(command.accelerator === undefined ? {} : { accelerator: command.accelerator }),
      }
      return command.startsGroup ? [separator, item] : [item]
    })
}

function template(actions: MenuActions, isMac: boolean): Item[] {
  const editRoles: Item[] = (['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll'] as const).map((role) => ({ role }))
  const quit: Item[] = isMac ? [] : [separator, { role: 'quit' }]
  return [
    ...(isMac ? [{ role: 'appMenu' } as Item] : []),
    { label: 'File', submenu: [...entriesOf('File', actions), ...quit] },
    { label: 'Edit', submenu: [...editRoles, ...entriesOf('Edit', actions)] },
    {
      label: 'View',
      submenu: [
        ...entriesOf('View', actions),
        separator,
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } as Item]),
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' } as Item] : []),
    { role: 'help', label: 'Help', submenu: entriesOf('Help', actions) },
  ]
}

/** Installs the menu; the answer switches the commands that need a project on and off. */
export function installMenu(actions: MenuActions): (isProjectOpen: boolean) => void {
  const menu = Menu.buildFromTemplate(template(actions, process.platform === 'darwin'))
  Menu.setApplicationMenu(menu)
  return (isProjectOpen) => {
    for (const command of commands as readonly Command[]) {
      const item = menu.getMenuItemById(command.id)
      if (item && command.needsProject) item.enabled = isProjectOpen
    }
  }
}
