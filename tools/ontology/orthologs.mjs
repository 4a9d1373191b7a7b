// One-to-one ortholog pairs between the human and the mouse table, from pairs of symbols of an older release.

/**
 * A pair is kept when neither symbol has another partner and each names exactly one gene of its table; a human symbol that was
 * renamed since is followed through the aliases of Entrez.
 * @param {string[][]} rows human symbol, mouse symbol ('' for none)
 * @returns {{ human: number[], mouse: number[], lost: number }} rows of the two tables; `lost` pairs could not be placed
 */
export function oneToOnePairs(rows, human, mouse, links, entrez) {
  const pairs = new Map(rows.filter(([a, b]) => a && b).map((pair) => [pair.join('\t'), pair]))
  const partners = [0, 1].map((side) => counts([...pairs.values()].map((pair) => pair[side])))
  const single = [...pairs.values()].filter(([a, b]) => partners[0].get(a) === 1 && partners[1].get(b) === 1)
  const humanOf = finder(human)
  const mouseOf = finder(mouse)
  const oldName = aliasFinder(human, links, entrez)
  const placed = single
    .map(([a, b]) => [humanOf(a) ?? oldName(a), mouseOf(b)])
    .filter(([a, b]) => a !== undefined && b !== undefined)
    .sort((one, other) => one[0] - other[0])
  const taken = [0, 1].map((side) => counts(placed.map((pair) => pair[side])))
  const kept = placed.filter(([a, b]) => taken[0].get(a) === 1 && taken[1].get(b) === 1)
  return { human: kept.map(([a]) => a), mouse: kept.map(([, b]) => b), lost: single.length - kept.length }
}

function counts(values) {
  const found = new Map()
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1)
  return found
}

/** The row of a symbol: the protein-coding one where several genes share it; of several such, the one with the lowest id. */
function finder(genes) {
  const rows = new Map()
  genes.forEach((gene, at) => {
    const before = rows.get(gene.symbol)
    const better = before === undefined || (genes[before].biotype !== 'protein_coding' && gene.biotype === 'protein_coding')
    if (better) rows.set(gene.symbol, at)
  })
  return (symbol) => rows.get(symbol)
}

/** The row of a gene by a name it had: the symbol or an alias of its Entrez gene, when no other gene has that name. */
function aliasFinder(human, links, entrez) {
  const rows = new Map()
  human.forEach((_, at) => {
    const gene = links[at] < 0 ? null : entrez[links[at]]
    for (const name of gene ? [gene.symbol, ...gene.aliases] : []) {
      const before = rows.get(name)
      rows.set(name, before === undefined || links[before] === links[at] ? (before ?? at) : -1)
    }
  })
  return (name) => {
    const row = rows.get(name)
    return row === -1 ? undefined : row
  }
}
