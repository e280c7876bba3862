import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

/** A cable between two sockets, `unit` and `desk`: what goes in at one end comes out at the other. */
export class NullModem implements AsyncDisposable {
  readonly unitPort: string;
  readonly deskPort: string;
  /** What happens to bytes on their way; they pass as they are unless told otherwise. */
  pass: (bytes: Buffer, to: "unit" | "desk") => Buffer | null = (bytes) => bytes;
  readonly #servers: Server[] = [];
  #unit: Socket | null = null;
  #desk: Socket | null = null;

  private constructor(folder: string) {
    this.unitPort = `unix:${join(folder, "unit")}`;
    this.deskPort = `unix:${join(folder, "desk")}`;
  }

  static async open(folder: string): Promise<NullModem> {
    const modem = new NullModem(folder);
    await modem.#listen(modem.unitPort, (socket) => {
      modem.#unit = socket;
      socket.on("data", (bytes) => modem.#send(bytes, "desk"));
    });
    await modem.#listen(modem.deskPort, (socket) => {
      modem.#desk = socket;
      socket.on("data", (bytes) => modem.#send(bytes, "unit"));
    });
    return modem;
  }

  /** Something that is no packet, at the desk's end. */
  say(text: string): void {
    this.#desk?.write(text);
  }

  /** The installer's plug is drawn; it may be put in again at once. */
  pull(): void {
    this.#desk?.destroy();
    this.#desk = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unit?.destroy();
    this.pull();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #send(bytes: Buffer, to: "unit" | "desk"): void {
    const passed = this.pass(bytes, to);
    if (passed) (to === "unit" ? this.#unit : this.#desk)?.write(passed);
  }

  async #listen(port: string, onSocket: (socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      onSocket(socket);
    });
    this.#servers.push(server);
    server.listen(port.slice("unix:".length));
    await once(server, "listening");
  }
}
