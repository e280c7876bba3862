import { Readable } from "node:stream";
import type { AedesPublishPacket, Subscription } from "aedes";
import levelPersistence from "aedes-persistence-level";
import { inFilter } from "#device/wire/topics.ts";
import type { Store } from "./store.ts";

type Whom = Readonly<{ id?: string; clientId?: string }>;

/**
 * MQTT sessions for aedes: subscriptions live in LevelDB, but no message does. The spool is the one place where an
 * envelope waits, so here only stands which of them were sent and not yet acknowledged, by client and packet id.
 */
export function openSessions(store: Store) {
  const level = levelPersistence(store.sessions);
  const addSubscriptions = level.addSubscriptions.bind(level);
  const unacknowledged = new Map<string, Map<number, AedesPublishPacket>>();
  const changed = {
    /**
     * aedes stores a whole SUBSCRIBE as soon as one filter of it is allowed, also those that ended the connection: the
     * unit could then never come back, because restoring its session would end it again.
     */
    addSubscriptions: (client: { id: string }, subscriptions: readonly Subscription[]) =>
      addSubscriptions(
        client,
        subscriptions.filter(({ topic }) => topic === ownFilter(client.id)),
      ),
    outgoingEnqueue: async (): Promise<void> => {},
    outgoingEnqueueCombi: async (): Promise<void> => {},
    outgoingUpdate: async (client: Whom, packet: AedesPublishPacket): Promise<void> => {
      if (!client.id || packet.messageId === undefined) return;
      const sent = unacknowledged.get(client.id) ?? new Map<number, AedesPublishPacket>();
      unacknowledged.set(client.id, sent.set(packet.messageId, packet));
    },
    /** aedes hands on what this returns as the packet of its `ack` event. */
    outgoingClearMessageId: async (client: Whom, packet: { messageId?: number }) => {
      const sent = unacknowledged.get(client.id ?? "");
      const cleared = sent?.get(packet.messageId ?? 0);
      sent?.delete(packet.messageId ?? 0);
      return cleared;
    },
    outgoingStream: () => Readable.from([]),
  };
  return {
    persistence: Object.assign(level, changed),
    /** A connection is gone: whatever it had not acknowledged will be sent anew. */
    forget: (clientId: string) => unacknowledged.delete(clientId),
  };
}

function ownFilter(clientId: string): string {
  const [account = "", unit = ""] = clientId.split(".");
  return inFilter({ account, unit });
}
