// Asks for a text file that linking reads; null when the user changed their mind or it failed, which is reported.
import type { Granted, TextFile } from '@contract'
import { shell } from './client'
import { useProjectStore } from './project-store'

export async function chooseText(what: TextFile): Promise<Granted | null> {
  const answer = await shell('files.chooseText', { what })
  if (answer.ok) return answer.value
  useProjectStore().report(answer.error)
  return null
}
