// Time left of a job with several kinds of work, on a clock of the test's own.
import { describe, expect, it } from 'vitest'
import { Forecast } from '../../src/main/engine/jobs/forecast'

describe('time left', () => {
  it('is what the work usually takes before any of it is done', () => {
    const forecast = new Forecast({ reading: { of: 100, usual: 0.1 }, testing: { of: 10, usual: 2 } }, 0)
    expect(forecast.secondsLeft).toBeCloseTo(30, 9)
    expect(forecast.share).toBe(0)
  })

  it('follows the speed of each kind, and slows the kinds that are still to come alike', () => {
    const forecast = new Forecast({ reading: { of: 100, usual: 0.1 }, testing: { of: 10, usual: 2 } }, 0)
    // Twice as slow as usual.
    for (let done = 1; done <= 50; done++) forecast.note(done * 0.2, { reading: { done, of: 100 } })
    expect(Math.abs(forecast.secondsLeft - (50 * 0.2 + 10 * 4))).toBeLessThan(0.2 * 50)
    for (let done = 51; done <= 100; done++) forecast.note(done * 0.2, { reading: { done, of: 100 } })
    // The second kind turns out as fast as usual.
    for (let done = 1; done <= 5; done++) forecast.note(20 + done * 2, { testing: { done, of: 10 } })
    expect(Math.abs(forecast.secondsLeft - 10)).toBeLessThan(0.2 * 10)
  })

  it('forgets a slow start', () => {
    const forecast = new Forecast({ reading: { of: 1000, usual: 0.01 } }, 0)
    let now = 0
    for (let done = 1; done <= 200; done++) {
      now += done <= 20 ? 0.1 : 0.01
      forecast.note(now, { reading: { done, of: 1000 } })
    }
    expect(Math.abs(forecast.secondsLeft - 8)).toBeLessThan(0.8)
  })

  it('has a share that never falls, also when there is more work than was thought', () => {
    const forecast = new Forecast({ reading: { of: 10, usual: 1 } }, 0)
    forecast.note(5, { reading: { done: 5, of: 10 } })
    const before = forecast.share
    forecast.note(6, { reading: { done: 6, of: 40 } })
    expect(forecast.share).toBe(before)
    expect(forecast.secondsLeft).toBeGreaterThan(30)
    forecast.note(40, { reading: { done: 40, of: 40 } })
    expect([forecast.share, forecast.secondsLeft]).toEqual([1, 0])
  })

  it('does not count time in which nothing was done', () => {
    const forecast = new Forecast({ reading: { of: 10, usual: 1 } }, 0)
    forecast.note(100, { reading: { done: 0, of: 10 } })
    expect(forecast.secondsLeft).toBe(10)
  })
})
