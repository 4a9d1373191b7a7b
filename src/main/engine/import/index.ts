// The door of the import room: a look into a file, and its content for the project. Formats are listed in readers.ts.
export { readForImport } from './import-file'
export { inspectFile } from './inspect'
export type { FilesBeside } from './join'
export type { GeneMatch, GeneResolver } from './gene-resolver'
export type { ImportedColumn, ImportedData, ImportedExpression, ImportedGene } from './imported-data'
export type { ImportHooks } from './tracker'
export { suggestions } from './survey'
