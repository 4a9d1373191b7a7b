// The package brings no types; these are the two functions used here.
declare module 'lz4js' {
  /** Unpacked size of an LZ4 frame as its headers promise it. */
  export function decompressBound(packed: Uint8Array): number
  export function decompress(packed: Uint8Array, maxSize?: number): Uint8Array
}
