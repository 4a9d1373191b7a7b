// What the bundler makes of the kernel's sources (tools/kernel/compile.mjs).
declare module '*/kernel/kernel.wasm' {
  /** The WebAssembly module. */
  export const kernelBytes: Uint8Array<ArrayBuffer>
}
