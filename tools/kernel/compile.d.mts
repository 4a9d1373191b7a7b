export function compileKernel(): Promise<Uint8Array>
export function kernelPlugin(): import('vite').Plugin
