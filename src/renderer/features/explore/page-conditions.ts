// Small helpers of time and window size for the Features page.
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue'

/** True only once the source has been true for a while: a short wait shows no skeleton. */
export function useDelayed(source: () => boolean, milliseconds: number): Readonly<Ref<boolean>> {
  const shown = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    source,
    (isTrue) => {
      clearTimeout(timer)
      if (!isTrue) shown.value = false
      else timer = setTimeout(() => (shown.value = true), milliseconds)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return readonly(shown)
}

/** Whether a media query holds now. */
export function useMediaQuery(query: string): Readonly<Ref<boolean>> {
  const list = matchMedia(query)
  const holds = ref(list.matches)
  const follow = (): void => {
    holds.value = list.matches
  }
  list.addEventListener('change', follow)
  onScopeDispose(() => list.removeEventListener('change', follow))
  return readonly(holds)
}
