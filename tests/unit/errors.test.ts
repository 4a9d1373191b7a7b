import { describe, expect, it } from 'vitest'
import { appError, errorCodes } from '@contract'
import { errorValue } from '../../src/main/base/refusal'

describe('every error a user can meet', () => {
  it.each(errorCodes)('%s says what happened and what to do, as sentences', (code) => {
    const what = code === 'USAGE' ? 'No verb was given.' : 'This'
    const error = appError(code, { what, file: 'a.h5ad', why: 'it ends early', next: 'Try another part.' })
    expect(error.message).toMatch(/^.*\S\.$/s)
    expect(error.remedy).toMatch(/^.*\S\.$/s)
    expect(error.message + error.remedy).not.toMatch(/exception|stack|undefined object|null pointer/i)
  })
})

describe('something thrown that is not on the list', () => {
  it('becomes INTERNAL with a reference that is also reported', () => {
    const reported: string[] = []
    const error = errorValue(new TypeError('x is not a function'), (_bug, ref) => reported.push(ref))
    expect(error.code).toBe('INTERNAL')
    expect(error.message).not.toContain('x is not a function')
    expect(reported).toEqual([error.ref])
  })

  it('is told apart when the disk is full', () => {
    expect(errorValue(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }), () => {}).code).toBe('DISK_FULL')
    expect(errorValue(Object.assign(new Error('full'), { code: 'ENOSPC' }), () => {}).code).toBe('DISK_FULL')
  })
})
