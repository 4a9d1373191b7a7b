// What a user does, in words the journeys share. Every step waits for what the user would see, never for a time.
import type { CDPSession, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Result, Run } from '@contract'
import { untilReady } from './app'

/** A run of the sample takes seconds; a slow test machine gets this long. */
const jobMs = 120_000

/** Text of the first element with this test id; empty while there is none. */
export const textOf = (page: Page, testId: string): Promise<string> =>
  page.evaluate((id) => document.querySelector(`[data-testid="${id}"]`)?.textContent?.trim() ?? '', testId)

export const countOf = (page: Page, testId: string): Promise<number> =>
  page.evaluate((id) => document.querySelectorAll(`[data-testid="${id}"]`).length, testId)

/** Asks the engine as the window does. */
export async function ask<T>(page: Page, method: string, params: unknown): Promise<T> {
  const answer = (await page.evaluate(
    ([name, values]) => window.latiscope.engine(name as string, values),
    [method, params],
  )) as Result<T>
  if (!answer.ok) throw new Error(`${method}: ${answer.error.code}: ${answer.error.message}`)
  return answer.value
}

/** All runs of the open project, the newest first. */
export const runs = (page: Page): Promise<Run[]> => ask<Run[]>(page, 'run.list', {})

/** Opens the real sample from the start page and waits until its cells are in the project. */
export async function openSample(page: Page): Promise<void> {
  await untilReady(page, 'start')
  await page.getByTestId('open-sample').click()
  await untilImported(page)
}

/** Waits until the 700 cells of the real sample are in the open project. */
export async function untilImported(page: Page): Promise<void> {
  await expect
    .poll(
      () =>
        ask<{ data: { rows: number } | null }>(page, 'project.summary', {}).then(
          ({ data }) => data?.rows,
          () => null,
        ),
      { timeout: jobMs },
    )
    .toBe(700)
}

/** Shows the training page and puts the given numbers into the expert form, by their labels. */
export async function setTraining(page: Page, settings: Readonly<Record<string, number>>): Promise<void> {
  await page.getByTestId('tab-train').click()
  await untilReady(page, 'train')
  await page.getByTestId('expert').click()
  for (const [label, value] of Object.entries(settings)) {
    const field = page.getByLabel(label, { exact: true })
    await field.fill(String(value))
    await field.press('Tab')
    await expect.poll(() => field.inputValue()).toBe(String(value))
  }
}

export async function startTraining(page: Page): Promise<void> {
  await expect.poll(() => page.getByTestId('start-training').isEnabled(), { timeout: 30_000 }).toBe(true)
  await page.getByTestId('start-training').click()
}

/** Waits until the shown run has the given state. */
export async function untilRun(page: Page, state: Run['state']): Promise<void> {
  await expect.poll(() => textOf(page, 'run-state'), { timeout: jobMs }).toBe(state)
}

export async function linkRun(page: Page): Promise<void> {
  await expect.poll(() => page.getByTestId('link-run').isEnabled(), { timeout: 30_000 }).toBe(true)
  await page.getByTestId('link-run').click()
  await expect.poll(async () => (await runs(page))[0]?.linkedAspects ?? [], { timeout: jobMs }).toContain('BP')
}

/** Opens the feature list and waits for its rows. */
export async function showFeatures(page: Page): Promise<void> {
  await page.getByTestId('tab-features').click()
  await untilReady(page, 'features')
  await expect.poll(() => countOf(page, 'latent-row'), { timeout: 30_000 }).toBeGreaterThan(5)
}

/** Drops a file in the middle of the window, with the events of a real drag. */
export async function drop(session: CDPSession, path: string): Promise<void> {
  const dragged = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 500, y: 400, data: dragged })
}

/** Presses Tab until the focus is inside what the selector names, as somebody without a mouse would. */
export async function tabTo(page: Page, selector: string, key: 'Tab' | 'Shift+Tab' = 'Tab', most = 120): Promise<void> {
  const hasFocus = (): Promise<boolean> =>
    page.evaluate((inside) => (document.activeElement?.closest(inside) ?? null) !== null, selector)
  for (let press = 0; press < most; press++) {
    if (await hasFocus()) return
    await page.keyboard.press(key)
  }
  throw new Error(`The focus did not reach ${selector} in ${most} presses of ${key}.`)
}
