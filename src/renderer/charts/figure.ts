// What the menu of a figure does: copy or save it as a picture, copy or save its numbers. Pictures are made for paper: light palette.
import { shallowRef, type ShallowRef } from 'vue'
import { shell } from '../bridge/client'
import { chartText } from '../text/charts'
import { tableAsCsv, tableAsTsv, type ChartTable } from './chart-table'
import type { ChartOption } from './echarts'
import { bytesOf, drawPicture, drawSvg } from './picture'
import { readPictureTheme, type ChartTheme } from './theme'

export interface Figure {
  readonly build: (theme: ChartTheme) => ChartOption
  /** In pixels of the screen. */
  readonly size: () => { readonly width: number; readonly height: number }
  /** Of the file, without ending. */
  readonly name: () => string
  readonly table: () => ChartTable | null
  readonly toggleTable?: () => void
}
export type FigureAction = 'toggleTable' | 'copyPicture' | 'savePicture' | 'saveSvg' | 'copyTable' | 'saveTable'

const noticeMs = 4_000

/** The actions of a figure, and the sentence that says what the last one did. */
export function useFigure(figure: Figure): {
  readonly notice: Readonly<ShallowRef<string>>
  readonly act: (action: FigureAction) => Promise<void>
} {
  const notice = shallowRef('')
  const say = (sentence: string): void => {
    notice.value = sentence
    setTimeout(() => {
      if (notice.value === sentence) notice.value = ''
    }, noticeMs)
  }
  const png = (): Promise<string | null> => {
    const light = readPictureTheme()
    const { width, height } = figure.size()
    return drawPicture(figure.build(light), width, height, light.surface)
  }
  const sayIfSaved = (answer: Awaited<ReturnType<typeof save>>): void => {
    if (!answer.ok) say(answer.error.message)
    else if (answer.value !== null) say(chartText.pictureSaved(answer.value.name))
  }
  const save = (kind: 'svg' | 'csv', text: string) =>
    shell('files.saveFigure', { suggestedName: `${figure.name()}.${kind}`, kind, text })

  async function savePicture(): Promise<void> {
    const picture = await png()
    if (picture === null) return say(chartText.noPicture)
    sayIfSaved(await shell('files.savePicture', { suggestedName: `${figure.name()}.png`, pngBase64: picture }))
  }
  async function saveSvg(): Promise<void> {
    const light = readPictureTheme()
    const { width, height } = figure.size()
    sayIfSaved(await save('svg', drawSvg(figure.build(light), width, height, light.surface)))
  }
  async function copyPicture(): Promise<void> {
    const picture = await png()
    if (picture === null) return say(chartText.noPicture)
    try {
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytesOf(picture)], { type: 'image/png' }) })])
      say(chartText.pictureCopied)
    } catch {
      say(chartText.pictureNotCopied)
    }
  }
  async function copyTable(): Promise<void> {
    const table = figure.table()
    if (table === null) return
    const answer = await shell('clipboard.write', { text: tableAsTsv(table) })
    say(answer.ok ? chartText.tableCopied : answer.error.message)
  }
  async function saveTable(): Promise<void> {
    const table = figure.table()
    if (table !== null) sayIfSaved(await save('csv', tableAsCsv(table)))
  }

  const actions: Readonly<Record<FigureAction, () => Promise<void>>> = {
    ...{ copyPicture, savePicture, saveSvg, copyTable, saveTable },
    toggleTable: () => Promise.resolve(figure.toggleTable?.()),
  }
  return { notice, act: (action) => actions[action]() }
}
