// Which page is shown, and what it was asked to show. A page reads `place.value.detail` and may be asked again while open.
import { readonly, shallowRef } from 'vue'

export const pages = ['data', 'train', 'features', 'concepts', 'compare', 'lab'] as const
export type Page = 'start' | (typeof pages)[number]

export interface PageDetail {
  /** Open this latent's card (Features page). */
  readonly latent?: number
  /** List the latents that go with a term, gene or cell group (Features page). */
  readonly find?: { readonly by: 'term' | 'gene' | 'group'; readonly key: string; readonly title: string }
}

interface Place {
  readonly page: Page
  readonly detail: PageDetail
}

const current = shallowRef<Place>({ page: 'start', detail: {} })

/** The page on screen and its request; a new object on every `navigate`, so watchers fire for repeats too. */
export const place = readonly(current)

export function navigate(page: Page, detail: PageDetail = {}): void {
  current.value = { page, detail }
}
