import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import koffi, { type LibraryHandle } from "koffi";
import { AudioError } from "../audio-error.ts";

/**
 * The C functions of PocketSphinx 5prealpha (Debian: libpocketsphinx3, libsphinxbase3, both BSD) that Porter calls.
 * Only for one word (`stop-word.ts`). Every call blocks: for a worker thread.
 */
const LIBRARY_FOLDERS: readonly string[] = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
];
const MODEL_FOLDER = "/usr/share/pocketsphinx/model/en-us";

/** A dictionary of one word: the whole one costs 90 ms and 25 MB a decoder, an empty one crashes the phone loop. */
const SEED_DICTIONARY = fileURLToPath(new URL("../models/seed.dict", import.meta.url));

/** PocketSphinx's own (-lw). */
const LANGUAGE_WEIGHT = 6.5;

/** Sphinx keeps logarithms to base 1.0001, shifted right by 10 bits: one unit is this many nats. */
const NATS_PER_UNIT = 1_024 * Math.log(1.0001);

export type Model = Readonly<{ acoustic: string; dictionary: string; phones: string }>;

/** Where the acoustic model lies; an AudioError `model-missing` where it does not. */
export function findModel(folder: string = MODEL_FOLDER): Model {
  const model = {
    acoustic: path.join(folder, "en-us"),
    dictionary: path.join(folder, "cmudict-en-us.dict"),
    phones: path.join(folder, "en-us-phone.lm.bin"),
  };
  for (const file of Object.values(model)) {
    if (existsSync(file)) continue;
    throw new AudioError("model-missing", `${file} is missing: install the Debian package pocketsphinx-en-us`, {
      file,
    });
  }
  return model;
}

/** A native pointer; koffi's own type. */
type Pointer = unknown;
export type PocketSphinx = ReturnType<typeof bind>;

/** Loads the libraries; an AudioError `engine-missing` that names the package where they are not installed. */
export function loadPocketSphinx(folders: readonly string[] = LIBRARY_FOLDERS): PocketSphinx {
  const folder = folders.find((candidate) => existsSync(path.join(candidate, "libpocketsphinx.so.3")));
  if (folder === undefined) {
    const message = "libpocketsphinx.so.3 is missing: install the Debian package libpocketsphinx3";
    throw new AudioError("engine-missing", message, { folders });
  }
  try {
    return bind(
      koffi.load(path.join(folder, "libsphinxbase.so.3")),
      koffi.load(path.join(folder, "libpocketsphinx.so.3")),
    );
  } catch (cause) {
    const message = "PocketSphinx cannot be loaded: install the Debian packages libpocketsphinx3 and libsphinxbase3";
    throw new AudioError("engine-missing", message, { folder }, cause);
  }
}

function bind(base: LibraryHandle, sphinx: LibraryHandle) {
  return {
    options: sphinx.func("void *ps_args()"),
    parse: base.func("void *cmd_ln_parse_r(void *, void *, int, char **, int)"),
    freeConfig: base.func("int cmd_ln_free_r(void *)"),
    init: sphinx.func("void *ps_init(void *)"),
    free: sphinx.func("int ps_free(void *)"),
    addWord: sphinx.func("int ps_add_word(void *, const char *, const char *, int)"),
    parseJsgf: base.func("void *jsgf_parse_string(const char *, void *)"),
    freeJsgf: base.func("void jsgf_grammar_free(void *)"),
    publicRule: base.func("void *jsgf_get_public_rule(void *)"),
    buildFsg: base.func("void *jsgf_build_fsg(void *, void *, void *, float)"),
    freeFsg: base.func("int fsg_model_free(void *)"),
    logarithms: sphinx.func("void *ps_get_logmath(void *)"),
    setFsg: sphinx.func("int ps_set_fsg(void *, const char *, void *)"),
    setPhoneLoop: sphinx.func("int ps_set_allphone_file(void *, const char *, const char *)"),
    unsetSearch: sphinx.func("int ps_unset_search(void *, const char *)"),
    setSearch: sphinx.func("int ps_set_search(void *, const char *)"),
    startUtterance: sphinx.func("int ps_start_utt(void *)"),
    process: sphinx.func("int ps_process_raw(void *, const int16_t *, size_t, int, int)"),
    endUtterance: sphinx.func("int ps_end_utt(void *)"),
    hypothesis: sphinx.func("const char *ps_get_hyp(void *, _Out_ int *)"),
    segments: sphinx.func("void *ps_seg_iter(void *)"),
    nextSegment: sphinx.func("void *ps_seg_next(void *)"),
    segmentWord: sphinx.func("const char *ps_seg_word(void *)"),
    segmentFrames: sphinx.func("void ps_seg_frames(void *, _Out_ int *, _Out_ int *)"),
    segmentScore: sphinx.func("int ps_seg_prob(void *, _Out_ int *, _Out_ int *, _Out_ int *)"),
  };
}

/** One word, phone or silence of the best path. Frames of 10 ms, both inside; the log-likelihood in nats. */
export type Segment = Readonly<{ word: string; firstFrame: number; lastFrame: number; logLikelihood: number }>;

/** One decoder: a search, and the sound of one utterance at a time. */
export class Decoder implements Disposable {
  readonly #sphinx: PocketSphinx;
  readonly #handle: Pointer;
  readonly #languageWeight: number;
  #search = 0;
  #used: string | null = null;
  #listening = false;

  /** Loads the acoustic model (some 10 ms) with hardly any words: `add` brings those that a grammar needs. */
  constructor(sphinx: PocketSphinx, model: Model, settings: Readonly<Record<string, string>> = {}) {
    this.#sphinx = sphinx;
    this.#languageWeight = Number(settings["-lw"] ?? LANGUAGE_WEIGHT);
    const all = { "-hmm": model.acoustic, "-dict": SEED_DICTIONARY, "-logfn": "/dev/null", ...settings };
    const argv = ["porter", ...Object.entries(all).flat()];
    const config: Pointer = sphinx.parse(null, sphinx.options(), argv.length, argv, 1);
    this.#handle = config === null ? null : sphinx.init(config);
    if (config !== null) sphinx.freeConfig(config);
    if (this.#handle === null) {
      throw new AudioError("model-invalid", `PocketSphinx cannot load ${model.acoustic}`, { settings });
    }
  }

  add(word: string, phones: string, last: boolean): void {
    if (this.#sphinx.addWord(this.#handle, word, phones, last ? 1 : 0) < 0) {
      throw new AudioError("engine-failed", "PocketSphinx refused a pronunciation", { phones });
    }
  }

  /** False where PocketSphinx cannot use the grammar; the one before stays. */
  useGrammar(jsgf: string): boolean {
    return this.#use((name) => this.#setGrammar(name, jsgf));
  }

  usePhoneLoop(model: string): boolean {
    return this.#use((name) => this.#sphinx.setPhoneLoop(this.#handle, name, model) >= 0);
  }

  start(): void {
    this.end();
    this.#listening = this.#sphinx.startUtterance(this.#handle) >= 0;
    if (!this.#listening) throw new AudioError("engine-failed", "PocketSphinx cannot start an utterance");
  }

  feed(samples: Int16Array): void {
    if (this.#listening) this.#sphinx.process(this.#handle, samples, samples.length, 0, 0);
  }

  end(): void {
    if (this.#listening) this.#sphinx.endUtterance(this.#handle);
    this.#listening = false;
  }

  /** The words, as heard last; null where no path through the grammar fits. */
  text(): string | null {
    const heard: unknown = this.#sphinx.hypothesis(this.#handle, [0]);
    return typeof heard === "string" && heard !== "" ? heard : null;
  }

  segments(): Segment[] {
    const found: Segment[] = [];
    const [first, last, score, language, backoff] = [[0], [0], [0], [0], [0]];
    for (let at: Pointer = this.#sphinx.segments(this.#handle); at !== null; at = this.#sphinx.nextSegment(at)) {
      this.#sphinx.segmentFrames(at, first, last);
      this.#sphinx.segmentScore(at, score, language, backoff);
      found.push({
        word: String(this.#sphinx.segmentWord(at)),
        firstFrame: first[0] ?? 0,
        lastFrame: last[0] ?? 0,
        logLikelihood: (score[0] ?? 0) * NATS_PER_UNIT,
      });
    }
    return found;
  }

  [Symbol.dispose](): void {
    this.end();
    this.#sphinx.free(this.#handle);
  }

  /** As ps_set_jsgf_string does, which never frees what it parsed: 60 kB and more of a grammar of 200 names. */
  #setGrammar(name: string, jsgf: string): boolean {
    const { buildFsg, setFsg, freeFsg, logarithms } = this.#sphinx;
    const isSet = this.#parsed(jsgf, (grammar, rule) => {
      const fsg: Pointer = buildFsg(grammar, rule, logarithms(this.#handle), this.#languageWeight);
      if (fsg === null) return null;
      const code: unknown = setFsg(this.#handle, name, fsg);
      freeFsg(fsg);
      return Number(code) >= 0;
    });
    return isSet ?? false;
  }

  /** null where it is no grammar. */
  #parsed<T>(jsgf: string, use: (grammar: Pointer, rule: Pointer) => T): T | null {
    const grammar: Pointer = this.#sphinx.parseJsgf(jsgf, null);
    if (grammar === null) return null;
    try {
      const rule: Pointer = this.#sphinx.publicRule(grammar);
      return rule === null ? null : use(grammar, rule);
    } finally {
      this.#sphinx.freeJsgf(grammar);
    }
  }

  /** Each search has a name of its own: replacing the one in use under its own name is not safe. */
  #use(define: (name: string) => boolean): boolean {
    this.end();
    this.#search++;
    const name = `search-${this.#search}`;
    if (!define(name) || this.#sphinx.setSearch(this.#handle, name) < 0) return false;
    if (this.#used !== null) this.#sphinx.unsetSearch(this.#handle, this.#used);
    this.#used = name;
    return true;
  }
}
