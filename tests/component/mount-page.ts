// Mounts a page with a fake bridge, as the window would, and waits until its first answers have arrived.
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'
import { fakeBridge, installBridge, type FakeBridge, type FakeEngine, type FakeShell } from '../../src/renderer/bridge/fake'
import { navigate } from '../../src/renderer/bridge/navigation'
import { pendingSource } from '../../src/renderer/bridge/project-actions'
import { useProjectStore } from '../../src/renderer/bridge/project-store'
import type { Granted, ProjectSummary } from '@contract'

export interface MountedPage {
  readonly page: VueWrapper
  readonly bridge: FakeBridge
  readonly project: ReturnType<typeof useProjectStore>
  /** The element with this data-testid; fails the test when it is not there. */
  find(testid: string): ReturnType<VueWrapper['get']>
}

export interface Scene {
  readonly engine?: FakeEngine
  readonly shell?: FakeShell
  readonly open?: ProjectSummary
  readonly review?: Granted
}

export async function mountPage(component: Component, scene: Scene = {}): Promise<MountedPage> {
  const bridge = fakeBridge(scene.engine, scene.shell)
  installBridge(bridge)
  const pinia = createPinia()
  setActivePinia(pinia)
  navigate('start')
  pendingSource.value = scene.review ?? null
  const project = useProjectStore()
  project.listen()
  if (scene.open) project.show(scene.open)
  const page = mount(component, { global: { plugins: [pinia], stubs: { Chart: true } }, attachTo: document.body })
  await flushPromises()
  return { page, bridge, project, find: (testid) => page.get(`[data-testid="${testid}"]`) }
}
