import { Readable } from "node:stream";
import type { AedesPublishPacket } from "aedes";
import levelPersistence from "aedes-persistence-level";
import type { Store } from "./store.ts";

type Whom = Readonly<{ id?: string; clientId?: string }>;

/**
 * MQTT sessions for aedes: subscriptions live in LevelDB, but no message does. The spool is the one place where an
 * envelope waits, so here only stands which of them were sent and not yet acknowledged, by client and packet id.
 */
export function openSessions(store: Store) {
  const unacknowledged = new Map<string, Map<number, AedesPublishPacket>>();
  const outgoing = {
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
    persistence: Object.assign(levelPersistence(store.sessions), outgoing),
    /** A connection is gone: whatever it had not acknowledged will be sent anew. */
    forget: (clientId: string) => unacknowledged.delete(clientId),
  };
}
