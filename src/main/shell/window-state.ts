// Where the window was, and where it may open now. Pure: rectangles in, rectangle out; screens are in device-independent pixels.
// Why: a window saved on a second screen that is no longer there must not open out of sight.
import * as v from 'valibot'

const Whole = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000))
export const WindowState = v.strictObject({
  x: Whole,
  y: Whole,
  width: v.pipe(Whole, v.minValue(1)),
  height: v.pipe(Whole, v.minValue(1)),
  maximised: v.boolean(),
})
export type WindowState = v.InferOutput<typeof WindowState>

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const smallestWindow = { width: 1024, height: 640 } as const
export const usualWindow = { width: 1440, height: 900 } as const

/** How much of the title bar must be on a screen for the window to be reachable with a mouse. */
const reachable = { width: 120, height: 44 } as const

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high))

function overlap(a: Rectangle, b: Rectangle): { width: number; height: number } {
  return {
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)),
  }
}

function centred(size: { readonly width: number; readonly height: number }, area: Rectangle): Rectangle {
  const width = Math.min(size.width, area.width)
  const height = Math.min(size.height, area.height)
  return { x: area.x + Math.round((area.width - width) / 2), y: area.y + Math.round((area.height - height) / 2), width, height }
}

/**
 * The bounds to open with. `workAreas` are the present screens without task bars, the main one first.
 * A saved window is kept when its title bar can be reached, shrunk and moved into its screen when it sticks out,
 * and centred on the main screen otherwise. No side is below the smallest window unless the screen itself is smaller.
 */
export function correctedBounds(saved: WindowState | null, workAreas: readonly Rectangle[]): Rectangle {
  const main = workAreas[0] ?? { x: 0, y: 0, ...usualWindow }
  if (!saved) return centred(usualWindow, main)
  const titleBar = { x: saved.x, y: saved.y, width: saved.width, height: reachable.height }
  const home = workAreas.find((area) => {
    const seen = overlap(titleBar, area)
    return seen.width >= Math.min(reachable.width, saved.width) && seen.height >= reachable.height / 2
  })
  const wanted = {
    width: Math.max(saved.width, smallestWindow.width),
    height: Math.max(saved.height, smallestWindow.height),
  }
  if (!home) return centred(wanted, main)
  const width = Math.min(wanted.width, home.width)
  const height = Math.min(wanted.height, home.height)
  return {
    x: clamp(saved.x, home.x, home.x + home.width - width),
    y: clamp(saved.y, home.y, home.y + home.height - height),
    width,
    height,
  }
}
