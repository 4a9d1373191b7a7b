// Taking tables out of the page: to the clipboard as tab-separated text, or to a file the user names.
import type { TableExportKind } from '@contract'
import { tableAsTsv, type ChartCell } from '../../charts/chart-table'
import { engine, shell } from '../../bridge/client'
import { useProjectStore } from '../../bridge/project-store'
import { exploreText } from '../../text/explore'

/** Copies a table with its header; true when it is on the clipboard. */
export async function copyTable(head: readonly string[], rows: readonly (readonly ChartCell[])[]): Promise<boolean> {
  const text = tableAsTsv({ columns: head.map((title) => ({ key: title, title })), rows })
  const answer = await shell('clipboard.write', { text })
  if (!answer.ok) useProjectStore().report(answer.error)
  return answer.ok
}

export interface WrittenTable {
  readonly token: string
  readonly files: number
}

/** Asks for a file and writes a table of the run to it; null when the user changed their mind or it failed. */
export async function exportTable(run: number, what: TableExportKind): Promise<WrittenTable | null> {
  const project = useProjectStore()
  const file = await shell('files.chooseExport', { suggestedName: exploreText.export.file(what, run) })
  if (!file.ok) project.report(file.error)
  if (!file.ok || file.value === null) return null
  const answer = await engine('export.table', { run, what, file: file.value.token })
  if (!answer.ok) {
    project.report(answer.error)
    return null
  }
  return { token: file.value.token, files: answer.value.written.length }
}

export async function showInFolder(token: string): Promise<void> {
  await shell('files.showInFolder', { token })
}
