// A router over fakes that record what reached them: nothing may, unless sender, method, shape and files were right.
import { appError, shellMethods, type EngineMethod, type Granted, type Result } from '@contract'
import { Grants } from '../../src/main/shell/grants'
import { Router, type RouterParts, type Sender, type ShellHandlers } from '../../src/main/shell/router'

export const trusted: Sender = { isTopFrame: true, origin: 'app://bundle', isKnownWindow: true }

export interface FakeRouter {
  readonly router: Router
  readonly grants: Grants
  readonly engineCalls: { readonly method: EngineMethod; readonly params: unknown }[]
  readonly shellCalls: string[]
  readonly dropped: string[]
  readonly bugs: unknown[]
}

export function fakeRouter(overrides: Partial<RouterParts> = {}): FakeRouter {
  const grants = new Grants(() => {})
  const seen: Omit<FakeRouter, 'router'> = { grants, engineCalls: [], shellCalls: [], dropped: [], bugs: [] }
  const handlers = Object.fromEntries(
    Object.keys(shellMethods).map((method) => [
      method,
      () => {
        seen.shellCalls.push(method)
        return {}
      },
    ]),
  ) as unknown as ShellHandlers
  const router = new Router({
    origin: 'app://bundle',
    callEngine: (method, params) => {
      seen.engineCalls.push({ method, params })
      return Promise.resolve<Result<unknown>>({ ok: false, error: appError('NO_PROJECT') })
    },
    onEngineAnswer: () => {},
    handlers,
    useToken: (token, purpose) => grants.use(token, purpose),
    grantDropped: (path): Granted => {
      seen.dropped.push(path)
      return grants.give(path, 'data')
    },
    onBug: (bug) => seen.bugs.push(bug),
    ...overrides,
  })
  return { router, ...seen }
}
