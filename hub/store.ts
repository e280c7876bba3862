import { Level } from "level";

type Part = ReturnType<typeof openPart>;
export type Change = Readonly<
  { part: Part } & ({ type: "put"; key: string; value: Uint8Array } | { type: "del"; key: string })
>;

function openPart(root: Level<string, Uint8Array>, name: string) {
  return root.sublevel<string, Uint8Array>(name, { valueEncoding: "view" });
}

/** Everything the hub keeps on disk, in one LevelDB, so that one batch can be one durable step. */
export class Store implements AsyncDisposable {
  readonly #root: Level<string, Uint8Array>;
  /** Publications on their way. */
  readonly spool: Part;
  /** Account id → its certificate. */
  readonly accounts: Part;
  /** Invitation → how often it was used. */
  readonly invitations: Part;
  /** Day and account → that day's keys. */
  readonly dayKeys: Part;
  /** Day and account → which of them were given out. */
  readonly handedKeys: Part;
  /** MQTT sessions: subscriptions only. */
  readonly sessions: Part;

  private constructor(root: Level<string, Uint8Array>) {
    this.#root = root;
    this.spool = openPart(root, "spool");
    this.accounts = openPart(root, "accounts");
    this.invitations = openPart(root, "invitations");
    this.dayKeys = openPart(root, "day-keys");
    this.handedKeys = openPart(root, "handed-keys");
    this.sessions = openPart(root, "sessions");
  }

  static async open(folder: string): Promise<Store> {
    const root = new Level<string, Uint8Array>(folder, { valueEncoding: "view" });
    await root.open();
    return new Store(root);
  }

  /** All or nothing, and on the disk (fsync) when it resolves, unless it is `lazy`. */
  async write(changes: readonly Change[], when: "durable" | "lazy" = "durable"): Promise<void> {
    const operations = changes.map(({ part, ...change }) => ({ ...change, sublevel: part }));
    await this.#root.batch(operations, { sync: when === "durable" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#root.close();
  }
}
