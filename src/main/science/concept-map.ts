// Which concepts and latents a heat map shows, and in which order. Pure; ties go to the lower number, so the same pairs always
// give the same picture.

/** A concept that goes with a latent; both are numbered by the caller. */
export interface ConceptPair {
  readonly concept: number
  readonly latent: number
  /** Above 0; more is better. */
  readonly strength: number
  /** Speaks for a group of concepts that say the same of the latent; the others only repeat it. */
  readonly leads: boolean
}

export interface MapAxes {
  readonly concepts: readonly number[]
  readonly latents: readonly number[]
}

const leading = (pairs: readonly ConceptPair[]): readonly ConceptPair[] => {
  const leads = pairs.filter((pair) => pair.leads)
  return leads.length > 0 ? leads : pairs
}

const byStrength = (a: ConceptPair, b: ConceptPair): number =>
  b.strength - a.strength || a.concept - b.concept || a.latent - b.latent

/**
 * At most `most` concepts and latents: every latent in turn, the one with the strongest pair first, gives its best concept that is
 * not yet there, then its second, and so on; so one latent with many terms does not fill the picture. Concepts that only repeat
 * better ones are left out where a latent has others. Of the latents that go with these, each concept's best comes first, then the strongest.
 * @param focus a concept that is taken first, or null
 */
export function chooseAxes(pairs: readonly ConceptPair[], most: number, focus: number | null): MapAxes {
  const queues = [...Map.groupBy(pairs, ({ latent }) => latent).values()]
    .map((list) => leading(list).toSorted(byStrength))
    .sort((a, b) => byStrength(a[0] as ConceptPair, b[0] as ConceptPair))
    .map((list) => list.values())
  const concepts = new Set<number>()
  if (focus !== null && pairs.some(({ concept }) => concept === focus)) concepts.add(focus)
  /** Takes the next concept of a latent that is not there yet; false when it has none. */
  const takeNext = (queue: Iterator<ConceptPair>): boolean => {
    for (let step = queue.next(); step.done !== true; step = queue.next()) {
      if (concepts.has(step.value.concept)) continue
      concepts.add(step.value.concept)
      return true
    }
    return false
  }
  let open = queues
  while (open.length > 0 && concepts.size < most) open = open.filter((queue) => concepts.size < most && takeNext(queue))
  return { concepts: [...concepts], latents: latentsOf(pairs, concepts, most) }
}

function latentsOf(pairs: readonly ConceptPair[], concepts: ReadonlySet<number>, most: number): number[] {
  const latents = new Set<number>()
  const shown = pairs
    .filter(({ concept }) => concepts.has(concept))
    .sort((a, b) => b.strength - a.strength || a.latent - b.latent)
  const led = new Set<number>()
  for (const { concept, latent } of shown) {
    if (led.has(concept) || latents.size === most) continue
    led.add(concept)
    latents.add(latent)
  }
  for (const { latent } of shown) if (latents.size < most) latents.add(latent)
  return [...latents]
}

interface Branch {
  readonly members: readonly number[]
  readonly parts: readonly [Branch, Branch] | null
}

/** Cosine of two rows; 0 where one of them is empty. */
function cosine(a: Float64Array, b: Float64Array): number {
  let [product, squareA, squareB] = [0, 0, 0]
  a.forEach((value, at) => {
    const other = b[at] as number
    product += value * other
    squareA += value ** 2
    squareB += other ** 2
  })
  return squareA === 0 || squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB)
}

/** Average linkage over cosine distance (Sokal and Michener 1958); O(n³), for the few rows of a picture. */
function cluster(rows: readonly Float64Array[]): Branch | null {
  const near = rows.map((a) => Float64Array.from(rows, (b) => cosine(a, b)))
  const open: Branch[] = rows.map((_, at) => ({ members: [at], parts: null }))
  const alike = (a: Branch, b: Branch): number => {
    let sum = 0
    for (const i of a.members) for (const j of b.members) sum += near[i]?.[j] ?? 0
    return sum / (a.members.length * b.members.length)
  }
  while (open.length > 1) {
    let best = { first: 0, second: 1, alike: -Infinity }
    open.forEach((a, first) => {
      for (let second = first + 1; second < open.length; second++) {
        const value = alike(a, open[second] as Branch)
        if (value > best.alike) best = { first, second, alike: value }
      }
    })
    const parts: [Branch, Branch] = [open[best.first] as Branch, open[best.second] as Branch]
    open.splice(best.second, 1)
    open.splice(best.first, 1, { members: parts.flatMap(({ members }) => members), parts })
  }
  return open[0] ?? null
}

/**
 * Order of rows with alike ones side by side: the leaves of the tree of `cluster`, at each fork the side with the smaller mean
 * weight first (as R's reorder.dendrogram).
 */
export function clusterOrder(rows: readonly Float64Array[], weights: readonly number[]): number[] {
  const mean = ({ members }: Branch): number => members.reduce((sum, at) => sum + (weights[at] as number), 0) / members.length
  const leaves = (branch: Branch): number[] => {
    if (branch.parts === null) return [...branch.members]
    const [a, b] = branch.parts
    return mean(a) <= mean(b) ? [...leaves(a), ...leaves(b)] : [...leaves(b), ...leaves(a)]
  }
  const tree = cluster(rows)
  return tree === null ? [] : leaves(tree)
}

/** Mean place of the other axis' entries a row is strong in; the end of that axis for an empty row. */
export function centreOf(row: Float64Array): number {
  let [sum, weight] = [0, 0]
  row.forEach((value, at) => {
    sum += value * at
    weight += value
  })
  return weight === 0 ? row.length : sum / weight
}
