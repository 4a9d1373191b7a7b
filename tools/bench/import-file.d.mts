export function writeCells(
  path: string,
  size: {
    readonly cells: number
    readonly genes: number
    readonly density: number
    readonly seed?: number
    readonly representation?: boolean
  },
): Promise<number>
