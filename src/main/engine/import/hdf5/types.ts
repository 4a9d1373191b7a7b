// The types of the HDF5 library that this room uses, so that no other file names the library.
import type { Dataset, File, Group, Metadata, Module } from 'h5wasm/node'

export type { Dataset, File, Group, Metadata }
export type H5Module = typeof Module
/** Classes of HDF5 datatypes, as numbered by the format. */
export const typeClass = { integer: 0, float: 1, text: 3, bits: 4, compound: 6, reference: 7, enumeration: 8, array: 10 } as const
