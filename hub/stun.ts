import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";

const TRIES = 25;
const EVERY_MS = 200;
/** RFC 8489, section 5: Binding request, no attributes, the magic cookie. */
const BINDING_REQUEST = Buffer.from([0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42]);

/** Does a STUN server answer there? Asks for five seconds at most: a server that starts needs a moment. */
export async function answersStun(host: string, port: number): Promise<boolean> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const transaction = randomBytes(12);
  try {
    return await new Promise<boolean>((resolve) => {
      let tries = 0;
      socket.on("error", () => resolve(false));
      socket.on("message", (answer) => {
        if (answer.subarray(8, 20).equals(transaction)) resolve(true);
      });
      const ask = () => {
        tries += 1;
        if (tries > TRIES) {
          resolve(false);
          return;
        }
        socket.send(Buffer.concat([BINDING_REQUEST, transaction]), port, host, () => undefined);
        timer = setTimeout(ask, EVERY_MS);
      };
      let timer: NodeJS.Timeout | undefined;
      ask();
      socket.once("close", () => clearTimeout(timer));
    });
  } finally {
    socket.close();
  }
}
