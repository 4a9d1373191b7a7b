// The ontologies that can be linked to: the built-in one and those installed from files. Shared by the library and the linking dialog.
import { ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { InstalledOntology, InstallRequest, Installed } from '@contract'
import { engine } from './client'
import { useProjectStore } from './project-store'

export const useOntologyLibrary = defineStore('ontology-library', () => {
  const project = useProjectStore()
  const isOpen = ref(false)
  const list = shallowRef<readonly InstalledOntology[]>([])
  const isBusy = ref(false)

  async function load(): Promise<void> {
    const answer = await engine('ontology.list', {})
    if (answer.ok) list.value = answer.value
    else project.report(answer.error)
  }

  async function open(): Promise<void> {
    isOpen.value = true
    await load()
  }

  /** Reads the files once and keeps what they say; null after a failure, which is reported. */
  async function install(request: InstallRequest): Promise<Installed | null> {
    isBusy.value = true
    const answer = await engine('ontology.install', request)
    isBusy.value = false
    if (!answer.ok) {
      project.report(answer.error)
      return null
    }
    await load()
    return answer.value
  }

  async function remove(id: string): Promise<void> {
    const answer = await engine('ontology.remove', { id })
    if (!answer.ok) project.report(answer.error)
    await load()
  }

  return { isOpen, list, isBusy, load, open, install, remove }
})
