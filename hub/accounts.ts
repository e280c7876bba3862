import type { AccountId } from "#device/keys/account.ts";
import { type Certificate, verifyCertificate } from "#device/keys/certificate.ts";
import type { Store } from "./store.ts";

export type Published = Readonly<{ certificate: Certificate; bytes: Uint8Array }>;
export type Standing = "current" | "newer" | "older" | "unknown";

/** Who is enrolled, and the certificate that each has published. In memory, backed by the store. */
export class Accounts {
  readonly #store: Store;
  readonly #published = new Map<AccountId, Published>();
  readonly #listeners = new Set<(certificate: Certificate) => void>();

  private constructor(store: Store) {
    this.#store = store;
  }

  static async load(store: Store): Promise<Accounts> {
    const accounts = new Accounts(store);
    for await (const bytes of store.accounts.values()) {
      const result = verifyCertificate(bytes, 0); // also the expired ones: their `seq` still counts
      if (result.ok) accounts.#published.set(result.certificate.account, { certificate: result.certificate, bytes });
    }
    return accounts;
  }

  get(account: AccountId): Published | undefined {
    return this.#published.get(account);
  }

  /** How a verified certificate stands to the one published. Two of one `seq` that differ: the first one holds. */
  standing(certificate: Certificate, bytes: Uint8Array): Standing {
    const published = this.#published.get(certificate.account);
    if (!published) return "unknown";
    if (certificate.seq !== published.certificate.seq) {
      return certificate.seq > published.certificate.seq ? "newer" : "older";
    }
    return Buffer.compare(bytes, published.bytes) === 0 ? "current" : "older";
  }

  /** Publishes a verified certificate, and writes `use` (an invitation's) in the same step. */
  async publish(certificate: Certificate, bytes: Uint8Array, use?: { key: string; count: number }): Promise<void> {
    const { accounts, invitations } = this.#store;
    await this.#store.write([
      { part: accounts, type: "put", key: certificate.account, value: bytes },
      ...(use
        ? [{ part: invitations, type: "put" as const, key: use.key, value: Buffer.from(String(use.count)) }]
        : []),
    ]);
    this.#published.set(certificate.account, { certificate, bytes });
    for (const listener of this.#listeners) listener(certificate);
  }

  /** Called with each certificate that takes the place of another. */
  onPublish(listener: (certificate: Certificate) => void): void {
    this.#listeners.add(listener);
  }
}
