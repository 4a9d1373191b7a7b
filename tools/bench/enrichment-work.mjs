// What the benchmark "enrichment" times, in a process of its own: `<bundle> <ontology folder> <lists…>` prints one JSON line.
// With `--write FILE` it writes sets, background and lists for the peers instead.
import { writeFileSync } from 'node:fs'
import { seededRandom } from '../../src/main/base/random'
import { loadOntology } from '../../src/main/engine/ontology'
import { createEnrichmentTester } from '../../src/main/science/over-representation'
import { createOverallRate } from '../../src/main/science/overall-rate'
import { keepHits } from '../../src/main/science/term-hits'
import { cutToBackground } from '../../src/main/science/term-sets'

const [folder, ...rest] = process.argv.slice(2)
const sets = loadOntology(folder, new Date(0)).annotations('BP', 'all')
const background = Int32Array.from(new Set(sets.indices)).sort()
const listSize = 100

/** Half of the lists are random, half hold genes of one term, as in the reference benchmark of the peers. */
function makeLists(count, family) {
  const random = seededRandom(3)
  const genes = Uint32Array.from(background, (_, at) => at)
  const members = membersOf(family)
  return Array.from({ length: count }, (_, at) => {
    const chance = random.shuffle(random.sample(genes, listSize))
    if (at % 2 === 0) return chance
    const term = members[random.below(members.length)]
    const seeded = new Set([...term.slice(0, Math.floor(listSize / 3)), ...chance])
    return Uint32Array.from([...seeded].slice(0, listSize))
  })
}

function membersOf({ terms, termsOfGene }) {
  const members = Array.from(terms, () => [])
  for (let gene = 0; gene + 1 < termsOfGene.indptr.length; gene++)
    for (let at = termsOfGene.indptr[gene]; at < termsOfGene.indptr[gene + 1]; at++) members[termsOfGene.indices[at]].push(gene)
  return members
}

/** From gene lists to kept terms with both q values, the way the linking does it. */
function testAll(lists) {
  const fresh = cutToBackground(sets, background)
  const tester = createEnrichmentTester(fresh)
  const overall = createOverallRate(tester)
  const kept = lists.map((study) => {
    const result = tester.test(study)
    overall.add(result)
    return { hits: keepHits(result, fresh, study), studySize: study.length }
  })
  overall.fill(kept)
  return kept.reduce((sum, { hits }) => sum + hits.terms.length, 0)
}

const family = cutToBackground(sets, background)
if (rest[0] === '--write') {
  writeFileSync(
    rest[1],
    JSON.stringify({
      genes: background.length,
      sets: membersOf(family),
      lists: makeLists(Number(rest[2]), family).map((list) => [...list]),
    }),
  )
} else {
  const rows = rest.map(Number).map((count) => {
    const lists = makeLists(count, family)
    const times = Array.from({ length: count < 1000 ? 8 : 3 }, () => {
      const cpu = process.cpuUsage()
      const start = performance.now()
      const kept = testAll(lists)
      const ms = performance.now() - start
      const { user, system } = process.cpuUsage(cpu)
      return { ms, cpuMs: (user + system) / 1000, kept }
    })
    const best = times.reduce((a, b) => (b.ms < a.ms ? b : a))
    return { lists: count, ...best }
  })
  process.stdout.write(JSON.stringify({ terms: family.terms.length, background: background.length, rows }))
}
