// Which of the window's own overlays is open.
import { ref } from 'vue'

export const paletteOpen = ref(false)
export const helpOpen = ref(false)
export const exportOpen = ref(false)
