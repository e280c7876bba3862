import fc from "fast-check";
import { expect, test } from "vitest";
import { type Entry, RecipientQueue } from "#hub/queues.ts";

const limits = { entries: 6, entriesPerSender: 3 };

function entry(sender: string, key: string, fields: Partial<Entry> = {}): Entry {
  return { key, sender, to: "ben", class: "calls", expiresMs: 1_000, bytes: 1, ...fields };
}

function drain(queue: RecipientQueue): string[] {
  const keys: string[] = [];
  for (let next = queue.next(); next; next = queue.next()) keys.push(next.key);
  return keys;
}

test("senders are served in turn, each in order", () => {
  const queue = new RecipientQueue({ calls: limits, inbox: limits });
  for (const key of ["a1", "a2", "a3", "b1", "c1"]) queue.offer(entry(key.charAt(0), key));
  expect(drain(queue)).toEqual(["a1", "b1", "c1", "a2", "a3"]);
});

test("one sender holds only so much, and more is discarded", () => {
  const queue = new RecipientQueue({ calls: limits, inbox: limits });
  const discarded = ["a1", "a2", "a3", "a4"].map((key) => queue.offer(entry("a", key))?.key ?? null);
  expect(discarded).toEqual([null, null, null, "a4"]);
});

test("a full queue makes room for a sender who holds less, at the cost of the one who holds most", () => {
  const queue = new RecipientQueue({ calls: limits, inbox: limits });
  for (const key of ["a1", "a2", "a3", "b1", "b2", "b3"]) queue.offer(entry(key.charAt(0), key));
  expect(queue.offer(entry("c", "c1"))?.key).toBe("a3");
  expect(queue.offer(entry("c", "c2"))?.key).toBe("b3");
  expect(queue.offer(entry("c", "c3"))?.key).toBe("c3");
  expect(drain(queue)).toEqual(["a1", "b1", "c1", "a2", "b2", "c2"]);
});

test("calls go before the inbox, and a full inbox takes no room from calls", () => {
  const queue = new RecipientQueue({ calls: limits, inbox: limits });
  for (let count = 0; count < 20; count += 1) queue.offer(entry(`m${count}`, `inbox ${count}`, { class: "inbox" }));
  expect(queue.offer(entry("a", "call"))).toBeNull();
  expect(queue.next()?.key).toBe("call");
});

test("while the inbox may not go on, calls do", () => {
  const queue = new RecipientQueue({ calls: limits, inbox: limits });
  queue.offer(entry("a", "message", { class: "inbox" }));
  queue.offer(entry("b", "call"));
  expect([queue.next({ inbox: false })?.key, queue.next({ inbox: false })]).toEqual(["call", null]);
  expect(queue.next()?.key).toBe("message");
});

test("what is put back goes first again", () => {
  const queue = new RecipientQueue({ calls: limits, inbox: limits });
  for (const key of ["a1", "a2", "a3"]) queue.offer(entry("a", key));
  const taken = [queue.next(), queue.next()];
  for (const each of taken.toReversed()) if (each) queue.putBack(each);
  expect(drain(queue)).toEqual(["a1", "a2", "a3"]);
});

test("what has expired leaves, at the moment and not before", () => {
  const queue = new RecipientQueue({ calls: limits, inbox: limits });
  queue.offer(entry("a", "short", { expiresMs: 500 }));
  queue.offer(entry("a", "long"));
  expect(queue.expire(499)).toEqual([]);
  expect(queue.expire(500).map(({ key }) => key)).toEqual(["short"]);
  expect(queue.size).toBe(1);
});

test("whatever is offered, the bounds hold and nothing is lost or doubled", () => {
  const offers = fc.array(fc.record({ sender: fc.constantFrom("a", "b", "c", "d"), inbox: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(offers, (wanted) => {
      const queue = new RecipientQueue({ calls: limits, inbox: limits });
      const gone: string[] = [];
      wanted.forEach(({ sender, inbox }, index) => {
        const discarded = queue.offer(entry(sender, `${index}`, inbox ? { class: "inbox" } : {}));
        if (discarded) gone.push(discarded.key);
        expect(queue.size).toBeLessThanOrEqual(2 * limits.entries);
      });
      const all = [...gone, ...drain(queue)].toSorted((a, b) => Number(a) - Number(b));
      expect(all).toEqual(wanted.map((_, index) => `${index}`));
    }),
  );
});
