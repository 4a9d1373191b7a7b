// Cells the user has chosen, around which features are looked for: drawn on the map, or by the values of a column.
// Invariant: the selection belongs to the data it was made on; another run searches it anew on request only.
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { CellsSearch, EngineParams } from '@contract'
import { engine } from '../../bridge/client'
import { useProjectStore } from '../../bridge/project-store'
import { useExploreStore } from './explore-store'

export type Outline = readonly (readonly [x: number, y: number])[]

export const useCellSelection = defineStore('explore-cells', () => {
  const project = useProjectStore()
  const explore = useExploreStore()
  const cells = shallowRef<readonly number[] | null>(null)
  /** What was chosen, in words. */
  const title = ref('')
  /** The line drawn on the map, in its units; null when cells were chosen by value. */
  const outline = shallowRef<Outline | null>(null)
  const found = shallowRef<CellsSearch | null>(null)
  const isBusy = ref(false)
  const isDialogOpen = ref(false)
  const count = computed(() => cells.value?.length ?? 0)

  function choose(chosen: readonly number[], words: string, drawn: Outline | null): void {
    cells.value = chosen
    title.value = words
    outline.value = drawn
    found.value = null
  }

  async function search(params: Pick<EngineParams<'find.cells'>, 'cells' | 'file'>): Promise<void> {
    const current = explore.run
    if (current === null) return
    isBusy.value = true
    const answer = await engine('find.cells', { run: current.id, ...params })
    isBusy.value = false
    if (!answer.ok) return project.report(answer.error)
    found.value = answer.value
    const matches = answer.value.matches.flatMap(({ id, label, auroc, precision, recall, f1 }) =>
      auroc !== null && auroc > 0.5 ? [{ id, label, auroc, precision, recall, f1 }] : [],
    )
    await explore.showMatches({ by: 'cells', key: '', title: title.value, matches })
  }

  /** Lists the latents that tell the chosen cells from all others, best first. */
  async function find(): Promise<void> {
    if (cells.value !== null && cells.value.length > 0) await search({ cells: [...cells.value] })
  }

  function clear(): void {
    cells.value = null
    outline.value = null
    found.value = null
    if (explore.filter.match?.by === 'cells') explore.clearMatch()
  }

  return { cells, title, outline, found, isBusy, isDialogOpen, count, choose, find, clear }
})

/** Cells that lie inside a closed line (even–odd rule). `xy`: flat pairs; cells without a place are never inside. */
export function cellsInside(xy: Float32Array, line: Outline): number[] {
  const inside: number[] = []
  if (line.length < 3) return inside
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const [x, y] of line) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    bottom = Math.min(bottom, y)
    top = Math.max(top, y)
  }
  for (let cell = 0; cell < xy.length / 2; cell++) {
    const x = xy[2 * cell] ?? Number.NaN
    const y = xy[2 * cell + 1] ?? Number.NaN
    if (x >= left && x <= right && y >= bottom && y <= top && isInside(x, y, line)) inside.push(cell)
  }
  return inside
}

function isInside(x: number, y: number, line: Outline): boolean {
  let odd = false
  let before = line[line.length - 1]
  for (const corner of line) {
    if (before !== undefined && corner[1] > y !== before[1] > y) {
      const crossing = corner[0] + ((y - corner[1]) / (before[1] - corner[1])) * (before[0] - corner[0])
      if (x < crossing) odd = !odd
    }
    before = corner
  }
  return odd
}
