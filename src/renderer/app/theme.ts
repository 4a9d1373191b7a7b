// Light, dark or as the system: the choice is kept by the shell, the page carries the result as data-theme.
import { readonly, ref } from 'vue'
import type { Theme } from '@contract'
import { shell } from '../bridge/client'

const chosen = ref<Theme>('system')
export const theme = readonly(chosen)

function apply(): void {
  const dark = chosen.value === 'dark' || (chosen.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
}

/** Reads the kept choice and follows the system from then on. */
export async function startTheme(): Promise<void> {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply)
  apply()
  const answer = await shell('theme.get', {})
  if (answer.ok) chosen.value = answer.value
  apply()
}

export async function setTheme(next: Theme): Promise<void> {
  chosen.value = next
  apply()
  await shell('theme.set', { theme: next })
}
