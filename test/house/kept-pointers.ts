/** For a library of C whose pointers are names: what it made and nobody freed is in `kept`. */
export function keepPointers() {
  const kept = new Set<string>();
  return {
    kept,
    makes: (what: string) => () => {
      kept.add(what);
      return what;
    },
    frees: (pointer: unknown) => {
      if (!kept.delete(String(pointer))) throw new Error(`${String(pointer)} is freed twice`);
      return 0;
    },
  };
}
