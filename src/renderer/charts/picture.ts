// A chart as a picture: PNG at twice its size, or SVG; drawn apart from the screen with the light palette.
// Invariant: the chart on the screen is never touched, and the one drawn for the picture is always disposed of.
import { init, type ChartOption } from './echarts'

/** PNG bytes as base64 (without the data address before it), or null when nothing could be drawn. */
export async function drawPicture(
  option: ChartOption,
  width: number,
  height: number,
  background: string,
): Promise<string | null> {
  const frame = document.createElement('div')
  const chart = init(frame, null, { renderer: 'canvas', devicePixelRatio: 2, width, height })
  try {
    const finished = new Promise<void>((resolve) => chart.on('finished', () => resolve()))
    chart.setOption({ ...option, animation: false, backgroundColor: background })
    await finished
    const address = chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: background })
    return address.startsWith('data:image/png;base64,') ? address.slice('data:image/png;base64,'.length) : null
  } finally {
    chart.dispose()
  }
}

/** The text of an SVG file; its words stay words that a drawing program can edit. */
export function drawSvg(option: ChartOption, width: number, height: number, background: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ ...option, animation: false, backgroundColor: background })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

/** Base64 to bytes. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0) ?? 0)
}
