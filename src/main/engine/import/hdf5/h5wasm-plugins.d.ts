// The package of compression filters brings no types; only its location is used here.
declare module 'h5wasm-plugins' {
  export const base_url: string
}
