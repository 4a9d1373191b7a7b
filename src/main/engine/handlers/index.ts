// Every request of the contract and its handler; the type is exactly the contract's table.
import type { EngineMethod } from '@contract'
import { associationHandlers } from './association-handlers'
import { conceptHandlers } from './concept-handlers'
import { conceptMapHandlers } from './concept-map-handlers'
import { dataHandlers } from './data-handlers'
import { enrichHandlers } from './enrich-handlers'
import { exchangeHandlers } from './exchange-handlers'
import { exportHandlers } from './export-handlers'
import { findHandlers } from './find-handlers'
import type { HandlersFor } from './handlers'
import { importHandlers } from './import-handlers'
import { latentHandlers } from './latent-handlers'
import { neighbourHandlers } from './neighbour-handlers'
import { ontologyHandlers } from './ontology-handlers'
import { projectHandlers } from './project-handlers'
import { reportHandlers } from './report-handlers'
import { runHandlers } from './run-handlers'
import { stabilityHandlers } from './stability-handlers'

export const handlers: HandlersFor<EngineMethod> = {
  ...projectHandlers,
  ...importHandlers,
  ...dataHandlers,
  ...runHandlers,
  ...latentHandlers,
  ...findHandlers,
  ...conceptHandlers,
  ...conceptMapHandlers,
  ...exportHandlers,
  ...enrichHandlers,
  ...associationHandlers,
  ...ontologyHandlers,
  ...stabilityHandlers,
  ...exchangeHandlers,
  ...neighbourHandlers,
  ...reportHandlers,
}
