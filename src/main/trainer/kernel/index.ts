// The sparse half of a training step as a WebAssembly module with 128-bit vectors, in AssemblyScript. It allocates
// nothing: all memory is laid out by ../kernel-memory.ts and described in a Work block, the first argument everywhere.
export { auxSquares, gradientLimit, sortColumns } from './columns'
export { measureRows, updateDecoderBias } from './latents'
export { placeRows, sumPrices } from './open'
export { sumResiduals, sumSlopes } from './rows'
export { beginCollecting, finishCollecting } from './select'
export { perform, serve } from './threads'
