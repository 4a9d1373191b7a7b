// The recent projects as the shell keeps them.
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { RecentProject } from '@contract'
import { shell } from '../../bridge/client'

export const useRecentStore = defineStore('recent', () => {
  const list = shallowRef<readonly RecentProject[]>([])

  async function refresh(): Promise<void> {
    const answer = await shell('recent.list', {})
    if (answer.ok) list.value = answer.value
  }
  async function remove(recent: RecentProject): Promise<void> {
    await shell('recent.remove', { token: recent.token })
    await refresh()
  }
  async function showInFolder(recent: RecentProject): Promise<void> {
    await shell('files.showInFolder', { token: recent.token })
  }
  return { list, refresh, remove, showInFolder }
})
