/** What we use of the package, which does not export its own declarations to `nodenext`. */
declare module "better-sqlite3-multiple-ciphers" {
  type Value = string | number | bigint | Uint8Array | null;

  interface Statement {
    run(...values: readonly Value[]): { changes: number; lastInsertRowid: number | bigint };
    get(...values: readonly Value[]): unknown;
    all(...values: readonly Value[]): unknown[];
    /** From then on, rows come as arrays of their columns. */
    raw(): this;
    iterate(...values: readonly Value[]): IterableIterator<unknown>;
  }

  class Database {
    constructor(path: string, options?: { fileMustExist?: boolean; timeout?: number });
    readonly open: boolean;
    readonly inTransaction: boolean;
    prepare(sql: string): Statement;
    exec(sql: string): this;
    pragma(sql: string, options?: { simple?: boolean }): unknown;
    /** Wraps `work` so that it runs in one transaction, rolled back where it throws. */
    transaction<Arguments extends unknown[], Result>(
      work: (...values: Arguments) => Result,
    ): (...values: Arguments) => Result;
    /** The pages as they are, deleted or not, decrypted. */
    serialize(): Buffer;
    close(): this;
  }

  export = Database;
}
