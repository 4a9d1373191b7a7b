// What the map and the charts below it show: places of the cells, the colouring chosen, columns and gene values read so far.
// Invariant: typed arrays are held in shallow references and never edited; late answers are dropped.
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { ColumnInfo, EngineResult, Result } from '@contract'
import { engine } from '../../bridge/client'
import { useProjectStore } from '../../bridge/project-store'
import { columnCache } from './column-cache'

export type Colouring =
  { readonly by: 'latent' } | { readonly by: 'gene'; readonly gene: string } | { readonly by: 'column'; readonly name: string }
export type CellColumn = EngineResult<'column.read'>
export type GeneValues = EngineResult<'gene.read'>

const cacheBytes = 64 * 1024 * 1024
const namesKept = 2_000

export const useMapStore = defineStore('explore-map', () => {
  const project = useProjectStore()
  const map = shallowRef<EngineResult<'map.read'> | null>(null)
  const isLoading = ref(false)
  const colouring = shallowRef<Colouring>({ by: 'latent' })
  const gene = shallowRef<GeneValues | null>(null)
  const colourColumn = shallowRef<CellColumn | null>(null)
  const groupName = ref<string | null>(null)
  const groupColumn = shallowRef<CellColumn | null>(null)
  /** The cell types themselves, whatever column the chart is grouped by. */
  const cellTypes = shallowRef<CellColumn | null>(null)
  const showsLabels = ref(true)

  const data = computed(() => project.summary?.data ?? null)
  const cellCount = computed(() => data.value?.rows ?? 0)
  const categories = computed(() => data.value?.columns.filter((column) => column.kind === 'category') ?? [])
  const colourColumns = computed(() => data.value?.columns.filter((column) => column.kind !== 'text') ?? [])
  /** The column that says what the cells are; null when the file has no groups of cells. */
  const cellTypeColumn = computed(() => cellTypesOf(categories.value))

  const columns = columnCache<CellColumn>(cacheBytes)
  const genes = columnCache<GeneValues>(cacheBytes)
  const names = new Map<number, string>()
  let source = ''
  let colourTicket = 0
  let groupTicket = 0

  /** Reads the map and the cell types of the open data; does nothing when they are the ones already held. */
  async function load(): Promise<void> {
    const next = data.value === null ? '' : `${project.summary?.fileName}|${data.value.sourceName}|${data.value.rows}`
    if (next === source) return
    forget()
    source = next
    if (data.value === null) return
    isLoading.value = true
    const [place] = await Promise.all([
      data.value.map === null ? null : engine('map.read', {}),
      groupBy(cellTypeColumn.value?.name ?? null),
    ])
    if (source !== next) return
    isLoading.value = false
    map.value = valueOf(place)
    cellTypes.value = groupColumn.value
  }

  function forget(): void {
    map.value = null
    colouring.value = { by: 'latent' }
    gene.value = null
    colourColumn.value = null
    groupName.value = null
    groupColumn.value = null
    cellTypes.value = null
    columns.clear()
    genes.clear()
    names.clear()
  }

  function valueOf<T>(answer: Result<T> | null): T | null {
    if (answer === null) return null
    if (answer.ok) return answer.value
    project.report(answer.error)
    return null
  }

  async function readColumn(name: string): Promise<CellColumn | null> {
    const known = columns.get(name)
    if (known !== undefined) return known
    const column = valueOf(await engine('column.read', { name }))
    if (column !== null) columns.set(name, column, 4 * cellCount.value)
    return column
  }

  /** Groups the chart by another column. */
  async function groupBy(name: string | null): Promise<void> {
    const ticket = ++groupTicket
    groupName.value = name
    const column = name === null ? null : await readColumn(name)
    if (ticket === groupTicket) groupColumn.value = column
  }

  function colourByLatent(): void {
    colourTicket++
    colouring.value = { by: 'latent' }
  }
  async function colourByColumn(name: string): Promise<void> {
    const ticket = ++colourTicket
    const column = await readColumn(name)
    if (ticket !== colourTicket || column === null) return
    colourColumn.value = column
    colouring.value = { by: 'column', name }
  }
  async function colourByGene(symbol: string): Promise<void> {
    const ticket = ++colourTicket
    const values = genes.get(symbol) ?? valueOf(await engine('gene.read', { gene: symbol }))
    if (values !== null) genes.set(symbol, values, 4 * cellCount.value)
    if (ticket !== colourTicket || values === null) return
    gene.value = values
    colouring.value = { by: 'gene', gene: values.gene }
  }

  /** Names of cells, read once; an empty list when the engine cannot tell. */
  async function cellNames(cells: readonly number[]): Promise<string[]> {
    if (names.size > namesKept) names.clear()
    const unknown = cells.filter((cell) => !names.has(cell))
    if (unknown.length > 0) {
      const answer = await engine('cells.names', { cells: unknown })
      if (!answer.ok) return []
      unknown.forEach((cell, at) => names.set(cell, answer.value.names[at] ?? ''))
    }
    return cells.map((cell) => names.get(cell) ?? '')
  }

  return {
    map,
    isLoading,
    colouring,
    gene,
    colourColumn,
    groupName,
    groupColumn,
    cellTypes,
    showsLabels,
    cellCount,
    categories,
    colourColumns,
    cellTypeColumn,
    load,
    groupBy,
    colourByLatent,
    colourByColumn,
    colourByGene,
    cellNames,
  }
})

const mostLevels = 60

/** The column with the role, else the first one whose levels are few enough to be groups of cells. */
export function cellTypesOf(categories: readonly ColumnInfo[]): ColumnInfo | null {
  const groups = categories.filter((column) => column.levels.length >= 2 && column.levels.length <= mostLevels)
  return categories.find((column) => column.role === 'cell-type') ?? groups[0] ?? null
}
