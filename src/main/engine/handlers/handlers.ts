// The shape of a handler: parameters already validated, the engine's state, and an answer of the contract's type.
import type { EngineMethod, EngineParams, EngineResult } from '@contract'
import type { Engine } from '../engine'

export type Handler<M extends EngineMethod> = (
  params: EngineParams<M>,
  engine: Engine,
) => EngineResult<M> | Promise<EngineResult<M>>

/** Exactly these methods: a missing or an extra handler is a type error. */
export type HandlersFor<M extends EngineMethod> = { readonly [K in M]: Handler<K> }
