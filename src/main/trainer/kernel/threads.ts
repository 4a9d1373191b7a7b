// How the threads share the work of a phase. The ticket holds the number of the next chunk below the generation of the
// phase; a thread owns a chunk once it has raised the ticket. The phase ends when all its chunks are finished: a thread
// that starts late, sleeps or is missing costs time, never correctness. Chunks are fixed; who computes them is not.
import { chooseDead, compareAux, gatherDead, maskDead } from './auxiliary'
import { learnLatents } from './latents'
import { countRow, fillRows, findJumps } from './open'
import { decodeRows, spreadRows } from './rows'
import { collectRow, selectRow, sortRow } from './select'
import { Work } from './work'

/** The phases; ../kernel-memory.ts names the same numbers. */
const leave = 0
const select = 1
const collect = 2
const decode = 3
const spread = 4
const learn = 5
const gather = 6
const choose = 7
const compare = 8
const mask = 9
const count = 10
const fill = 11
const jump = 12
const order = 13

/** A ticket no chunk number reaches: nothing to take while the fields of the next phase are being written. */
const closed: i64 = 0x7fffffff
/** Looks at the memory this often before sleeping: about 20 µs, longer than the pause between two phases. */
const patience = 20_000

function runChunk(work: Work, thread: i32, chunk: i32): void {
  const from = chunk * work.chunkSize
  const to = min(from + work.chunkSize, work.items)
  switch (work.phase) {
    case select:
      for (let row = from; row < to; row++) selectRow(work, thread, row)
      break
    case collect:
      for (let row = from; row < to; row++) collectRow(work, thread, row)
      break
    case decode:
      decodeRows(work, chunk, from, to)
      break
    case spread:
      spreadRows(work, thread, chunk, from, to)
      break
    case learn:
      learnLatents(work, thread, chunk, from, to)
      break
    case gather:
      gatherDead(work, from, to)
      break
    case choose:
      chooseDead(work, thread, from, to)
      break
    case compare:
      compareAux(work, chunk, from, to)
      break
    case mask:
      maskDead(work, from, to)
      break
    case count:
      for (let row = from; row < to; row++) countRow(work, row)
      break
    case fill:
      fillRows(work, chunk, from, to)
      break
    case jump:
      findJumps(work, from, to)
      break
    case order:
      for (let row = from; row < to; row++) sortRow(work, row)
      break
  }
}

/** Takes chunks until none is left. */
function help(work: Work, thread: i32): void {
  const address = changetype<usize>(work)
  while (true) {
    const ticket = atomic.load<i64>(address)
    const chunks = atomic.load<i32>(address, offsetof<Work>('chunks'))
    if (<i32>ticket >= chunks) return
    if (atomic.cmpxchg<i64>(address, ticket, ticket + 1) !== ticket) continue
    runChunk(work, thread, <i32>ticket)
    if (atomic.add<i32>(address, 1, offsetof<Work>('finished')) + 1 === chunks)
      atomic.notify(address + offsetof<Work>('finished'), 1)
  }
}

/** Waits, first awake and then asleep, until the number at `address` is no longer `value`. */
function waitForChange(address: usize, value: i32): void {
  for (let look = 0; look < patience; look++) if (atomic.load<i32>(address) !== value) return
  atomic.wait<i32>(address, value, -1)
}

/** The first thread's part: opens a phase over `items` in chunks, takes part, and returns when all of it is done. */
export function perform(work: Work, phase: i32, items: i32, chunkSize: i32): void {
  const address = changetype<usize>(work)
  const generation = <i64>work.generation
  atomic.store<i64>(address, (generation << 32) | closed)
  const chunks = (items + chunkSize - 1) / chunkSize
  work.phase = phase
  work.items = items
  work.chunkSize = chunkSize
  atomic.store<i32>(address, 0, offsetof<Work>('finished'))
  atomic.store<i32>(address, chunks, offsetof<Work>('chunks'))
  atomic.store<i64>(address, ((generation + 1) & 0x7fffffff) << 32)
  atomic.notify(address + offsetof<Work>('generation'), work.threads)
  help(work, 0)
  while (true) {
    const finished = atomic.load<i32>(address, offsetof<Work>('finished'))
    if (finished === chunks) return
    // A helper that fails says so with a negative count (../kernel-threads.ts).
    if (finished < 0) unreachable()
    waitForChange(address + offsetof<Work>('finished'), finished)
  }
}

/** What the other threads do until the phase `leave`. */
export function serve(work: Work, thread: i32): void {
  const address = changetype<usize>(work)
  while (true) {
    const generation = atomic.load<i32>(address, offsetof<Work>('generation'))
    if (generation > 0 && atomic.load<i32>(address, offsetof<Work>('phase')) === leave) return
    help(work, thread)
    waitForChange(address + offsetof<Work>('generation'), generation)
  }
}
