// Names made unique by a number behind them, as scanpy does it. Invariant: the time grows with the number of names only, however
// often one of them repeats: the next number of each name is remembered.

export class UniqueNames {
  private readonly next = new Map<string, number>()

  /** @param taken names that are not given out again; every name given is added */
  constructor(private readonly taken: Set<string> = new Set<string>()) {}

  has(name: string): boolean {
    return this.taken.has(name)
  }

  /** The name itself when it is free, else the first free one of name-1, name-2 … */
  give(name: string): string {
    let unique = name
    let number = this.next.get(name) ?? 1
    for (; this.taken.has(unique); number++) unique = `${name}-${number}`
    if (unique !== name) this.next.set(name, number)
    this.taken.add(unique)
    return unique
  }
}
