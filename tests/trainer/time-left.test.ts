// The time left is honest: from 5 % of a run on it is within 20 % of what really follows, on clocks that behave as machines do.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/main/base/random'
import { usualCost } from '../../src/main/trainer/measuring-cost'
import { LoopTime, Plan } from '../../src/main/trainer/time-left'

const steps = 4000

/** Largest error of the time left after the first 5 % of the time, as a share of what was left, while over 2 % are left. */
function worstError(secondsOf: (step: number) => number): number {
  const ends = [0]
  for (let step = 1; step <= steps; step++) ends.push((ends.at(-1) as number) + secondsOf(step))
  const total = ends.at(-1) as number
  const time = new LoopTime()
  let worst = 0
  let told = 0
  ends.forEach((at, step) => {
    if (at - told < 0.1 && step < steps) return
    told = at
    time.note(at, step)
    const left = total - at
    const each = time.secondsPerStep
    if (at < 0.05 * total || left < 0.02 * total || each === null) return
    worst = Math.max(worst, Math.abs(each * (steps - step) - left) / left)
  })
  return worst
}

describe('the time left of a training', () => {
  const random = seededRandom(1)
  it.each([
    ['even steps', () => 0.02],
    ['steps that vary by half', () => 0.02 * (0.5 + random.uniform())],
    ['a first step as slow as 300 others', (step: number) => (step === 1 ? 6 : 0.02)],
    ['a slow first percent', (step: number) => (step < 0.01 * steps ? 0.06 : 0.02)],
    ['steps that grow 15 % slower as latents die', (step: number) => 0.02 * (1 + (0.15 * step) / steps)],
    ['a live point every 20 steps that costs as much as three', (step: number) => (step % 20 === 0 ? 0.08 : 0.02)],
    ['very quick steps', () => 0.0004],
  ])('is right within 20 %% with %s', (_name, secondsOf) => {
    expect(worstError(secondsOf)).toBeLessThan(0.2)
  })

  it('follows a machine that becomes half as fast', () => {
    const time = new LoopTime()
    let at = 0
    for (let step = 1; step <= 3000; step++) time.note((at += step <= 1000 ? 0.01 : 0.02), step)
    expect(time.secondsPerStep).toBeCloseTo(0.02, 3)
  })

  it('does not count the first steps, which load and compile, nor those of an earlier session', () => {
    const time = new LoopTime()
    expect(time.secondsPerStep).toBeNull()
    time.note(50, 901) // ten seconds for the first step of this session
    expect(time.secondsPerStep).toBeNull()
    time.note(59.9, 1000)
    expect(time.secondsPerStep).toBeCloseTo(0.1, 9)
  })
})

describe('the time left of measuring', () => {
  it('is what a trial of its parts told, corrected by the pace kept', () => {
    const plan = new Plan([
      { name: 'quick', pieces: 100, seconds: 0.01 },
      { name: 'slow', pieces: 10, seconds: 0.9 },
    ])
    expect([plan.seconds, plan.pieces]).toEqual([10, 110])
    plan.begin(1000)
    expect(plan.secondsLeft(1000)).toBeCloseTo(10, 9)
    for (let piece = 0; piece < 100; piece++) plan.advance('quick')
    expect(plan.secondsLeft(1002)).toBeCloseTo(9 * 1.5, 9) // twice as slow, of which the plan holds back half this early
    for (let piece = 0; piece < 10; piece++) plan.advance('slow')
    expect([plan.piecesDone, plan.secondsLeft(1020)]).toEqual([110, 0])
  })
  it('does not wait for pieces that turned out not to be needed', () => {
    const plan = new Plan([
      { name: 'checks', pieces: 4, seconds: 1 },
      { name: 'rest', pieces: 6, seconds: 1 },
    ])
    plan.begin(0)
    plan.advance('checks')
    plan.finish('checks')
    expect(plan.piecesDone).toBe(4)
    expect(plan.secondsLeft(4)).toBeCloseTo(6, 9)
  })

  it('forgets the first try, which is slow, and a hiccup', () => {
    const cost = (survey: number) => ({ threshold: 1, survey, pca: 1, pcaSweep: 1, duplicates: 1, neighbours: 1, probe: 0 })
    expect(usualCost([cost(9), cost(2), cost(2.1), cost(5), cost(1.9)]).survey).toBe(2.1)
    expect(usualCost([cost(9), cost(2)]).survey).toBe(2)
  })
})
