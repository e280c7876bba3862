import koffi, { type LibraryHandle } from "koffi";
import { loadLibrary } from "./shared-library.ts";
import { readWordGraph, type WordGraph } from "./word-graph.ts";

/** A native pointer; koffi's own type. */
type Pointer = unknown;
export type SphinxBase = ReturnType<typeof bind>;

/** The C functions of sphinxbase 5prealpha (BSD) that Porter calls. */
export function loadSphinxBase(): SphinxBase {
  const library = loadLibrary("libsphinxbase.so.3", "libsphinxbase3");
  // It would write each rule of a grammar to the log.
  library.func("int err_set_logfile(const char *)")("/dev/null");
  return bind(library);
}

function bind(base: LibraryHandle) {
  const libc = koffi.load("libc.so.6");
  return {
    openMemory: libc.func("void *open_memstream(void *, void *)"),
    close: libc.func("int fclose(void *)"),
    freeMemory: libc.func("void free(void *)"),
    logarithms: base.func("void *logmath_init(double, int, int)"),
    freeLogarithms: base.func("int logmath_free(void *)"),
    parseJsgf: base.func("void *jsgf_parse_string(const char *, void *)"),
    freeJsgf: base.func("void jsgf_grammar_free(void *)"),
    publicRule: base.func("void *jsgf_get_public_rule(void *)"),
    buildFsg: base.func("void *jsgf_build_fsg_raw(void *, void *, void *, float)"),
    writeFsg: base.func("void fsg_model_write(void *, void *)"),
    freeFsg: base.func("int fsg_model_free(void *)"),
  };
}

/** Sphinx's own base of logarithms: what a grammar weighs is not used. */
const BASE = 1.0001;

/** All that a JSGF grammar's public rule lets be said; null where it cannot be used. Blocks: for a worker thread. */
export function wordGraphOf(jsgf: string, sphinx: SphinxBase): WordGraph | null {
  const grammar: Pointer = sphinx.parseJsgf(jsgf, null);
  if (grammar === null) return null;
  const logarithms: Pointer = sphinx.logarithms(BASE, 0, 0);
  try {
    const rule: Pointer = sphinx.publicRule(grammar);
    const fsg: Pointer = rule === null ? null : sphinx.buildFsg(grammar, rule, logarithms, 1);
    return fsg === null ? null : readWordGraph(writtenOut(fsg, sphinx));
  } finally {
    sphinx.freeJsgf(grammar);
    sphinx.freeLogarithms(logarithms);
  }
}

/** Frees it. */
function writtenOut(fsg: Pointer, { openMemory, writeFsg, close, freeFsg, freeMemory }: SphinxBase): string {
  const [text, size] = [koffi.alloc("void *", 1), koffi.alloc("size_t", 1)];
  try {
    const stream: Pointer = openMemory(text, size);
    writeFsg(fsg, stream);
    close(stream);
    const written: unknown = koffi.decode(text, "char *");
    freeMemory(koffi.decode(text, "void *"));
    return String(written);
  } finally {
    freeFsg(fsg);
    koffi.free(text);
    koffi.free(size);
  }
}
