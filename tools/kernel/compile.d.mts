export function compileKernel(folder: string): Promise<Uint8Array>
export function kernelPlugin(): import('vite').Plugin
