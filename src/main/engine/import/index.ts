// The door of the import room: a look into a file, and its content for the project. Formats are listed in readers.ts.
export { readForImport, type ImportRequest } from './import-file'
export { inspectFile } from './inspect'
export { nothingBeside } from './join'
export { onPulse } from './pulse'
export type { FilesBeside } from './join'
export type { GeneMatch, GeneResolver } from './gene-resolver'
export type { FiledColumn, ImportedColumn, ImportedData, ImportedExpression, ImportedGene, ImportedSource } from './imported-data'
export type { ImportHooks } from './tracker'
