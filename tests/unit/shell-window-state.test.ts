// A window must never open where nobody can reach it, whatever was saved and whichever screens are there now.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { correctedBounds } from '../../src/main/shell/window-state'
import { nextZoom } from '../../src/main/shell/zoom'

const laptop = { x: 0, y: 25, width: 1440, height: 875 }
const second = { x: 1440, y: 0, width: 1920, height: 1080 }
const saved = (x: number, y: number, width: number, height: number): Parameters<typeof correctedBounds>[0] => ({
  x,
  y,
  width,
  height,
  maximised: false,
})

describe('the bounds a window opens with', () => {
  it('are the usual size in the middle the first time', () => {
    expect(correctedBounds(null, [second])).toEqual({ x: 1440 + 240, y: 90, width: 1440, height: 900 })
  })

  it('shrink to a small screen', () => {
    expect(correctedBounds(null, [laptop])).toEqual(laptop)
  })

  it('are the saved ones when they fit', () => {
    expect(correctedBounds(saved(1500, 40, 1200, 800), [laptop, second])).toEqual({ x: 1500, y: 40, width: 1200, height: 800 })
  })

  it('come back to the main screen when the second one is gone', () => {
    expect(correctedBounds(saved(1500, 40, 1200, 800), [laptop])).toEqual({ x: 120, y: 25 + 38, width: 1200, height: 800 })
  })

  it('move in when part of the window is off the screen', () => {
    expect(correctedBounds(saved(-300, 100, 1200, 800), [laptop])).toEqual({ x: 0, y: 100, width: 1200, height: 800 })
  })

  it('come back when only the title bar is out of reach', () => {
    expect(correctedBounds(saved(100, -700, 1200, 800), [laptop])).toEqual({ x: 120, y: 63, width: 1200, height: 800 })
  })

  it('are never smaller than the smallest window', () => {
    expect(correctedBounds(saved(100, 50, 300, 200), [laptop])).toEqual({ x: 100, y: 50, width: 1024, height: 640 })
  })

  it('lie on a screen for any saved window', () => {
    const random = seededRandom(3)
    for (let draw = 0; draw < 2_000; draw++) {
      const state = saved(
        random.below(8_000) - 4_000,
        random.below(8_000) - 4_000,
        1 + random.below(5_000),
        1 + random.below(5_000),
      )
      const { x, y, width, height } = correctedBounds(state, [laptop, second])
      const inside = [laptop, second].some(
        (area) => x >= area.x && y >= area.y && x + width <= area.x + area.width && y + height <= area.y + area.height,
      )
      expect(inside, JSON.stringify(state)).toBe(true)
    }
  })
})

describe('the zoom', () => {
  it('goes up and down the same steps between 50 and 200 %', () => {
    expect([nextZoom(1, 1), nextZoom(1.1, -1), nextZoom(2, 1), nextZoom(0.5, -1), nextZoom(1.75, 0)]).toEqual([1.1, 1, 2, 0.5, 1])
  })

  it('takes the next step from a value between two', () => {
    expect([nextZoom(1.05, 1), nextZoom(1.05, -1)]).toEqual([1.1, 1])
  })
})
