declare module "@echogarden/pffft-wasm/simd" {
  /** PFFFT (BSD) in WebAssembly memory of its own. Addresses are bytes. */
  interface Pffft {
    /** Another view after the memory grew: never kept. */
    readonly HEAPF32: Float32Array;
    /** A function of C by its name: it takes numbers and addresses. */
    cwrap(name: string, returns: "number" | null, takes: readonly "number"[]): (...given: number[]) => number;
  }
  const load: () => Promise<Pffft>;
  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export default load;
}
