import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock as clock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { controlHandlers } from "#device/control/handlers.ts";
import { openControlSocket } from "#device/control/socket.ts";
import { Daemon } from "#device/daemon.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import type { BookStore } from "#device/store/book.ts";
import { applyChange } from "#device/store/change.ts";
import { openStores } from "#device/stores.ts";

/**
 * A unit without sound and hub, a process of its own: the real stores, brain and control socket, up in half the time.
 * `--early` is a control: it says that a change is safe before it is.
 */
const { values } = parseArgs({
  options: { folder: { type: "string", default: "" }, early: { type: "boolean", default: false } },
});
const EARLY_MS = 30;

function early(real: BookStore): BookStore {
  let { book } = real;
  const apply: BookStore["apply"] = (change) => {
    const applied = applyChange(book, change);
    if (!applied.ok || !applied.changed) return applied;
    book = applied.book;
    setTimeout(() => real.change(change), EARLY_MS);
    return applied;
  };
  return {
    get book() {
      return book;
    },
    isUnsaved: false,
    personOf: (account) => real.personOf(account),
    apply,
    save: () => true,
    change: apply,
  };
}

const keys = await openKeystore({ folder: values.folder, nowMs: clock.nowMs() });
if (!keys.ok) throw new Error(keys.message);
const opened = openStores(values.folder, keys.keystore, { region: "GB", clock, log: noLog });
if (!opened.ok) throw new Error(opened.fault);
const stores = values.early ? { ...opened.stores, book: early(opened.stores.book) } : opened.stores;
const daemon = new Daemon({
  clock,
  log: noLog,
  ears: { send: () => undefined },
  lights: { show: () => undefined },
  network: null,
  stores,
  ringBackMs: 45_000,
  muted: false,
  tell: () => undefined,
});
stores.journal.append({ atMs: clock.nowMs(), what: "start" });
const handlers = controlHandlers({
  clock,
  name: null,
  owner: null,
  daemon,
  ears: { state: "down", noSound: null, trouble: null },
  hal: { fault: null },
  link: null,
  keystore: keys.keystore,
  stores,
  fault: null,
  warnings: opened.warnings,
  pin: null,
  takes: null,
  stop: () => undefined,
});
await openControlSocket({ path: join(values.folder, "control.sock"), handlers, log: noLog });
