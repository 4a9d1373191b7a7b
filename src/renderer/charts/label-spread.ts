// Moves names apart that would be written over each other: up or down by the smallest step that frees them.
// Pure; pixels. Names placed first stay where they are.
export interface LabelBox {
  readonly x: number
  readonly y: number
  readonly width: number
}

const lineHeight = 14
const step = 2
const furthest = 60

/** How far each name moves down (negative: up). A name that finds no room within 60 px stays where it is. */
export function spreadLabels(boxes: readonly LabelBox[]): number[] {
  const placed: LabelBox[] = []
  return boxes.map((box) => {
    const isFree = (y: number): boolean =>
      placed.every((other) => Math.abs(other.y - y) >= lineHeight || Math.abs(other.x - box.x) >= (other.width + box.width) / 2)
    const shift = candidates.find((candidate) => isFree(box.y + candidate)) ?? 0
    placed.push({ ...box, y: box.y + shift })
    return shift
  })
}

/** 0, 2, −2, 4, −4, … */
const candidates = Array.from({ length: furthest / step + 1 }, (_, at) => at * step).flatMap((by) => (by === 0 ? [0] : [by, -by]))

/** The width of a name in 11 px type, near enough for keeping names apart. */
export const labelWidth = (name: string): number => name.length * 6.1 + 4
