import * as v from "valibot";
import type { Log } from "#base/log.ts";
import { type LineServerOptions, type Peer, serveLines } from "./line-server.ts";
import {
  type BenchHandlers,
  BenchRequest,
  type ControlHandlers,
  ControlRequest,
  type Do,
  type Reply,
  type RequestError,
  RequestId,
} from "./requests.ts";

export type SocketOptions<Handlers> = Readonly<{
  /** Where the socket stands; its folder exists and is the unit's own. */
  path: string;
  handlers: Handlers;
  log: Log;
}>;

/** Requests of one client that wait for their answer; beyond that it is told to wait. */
const MAX_WAITING = 64;

/** The owner's way to the unit: `control.sock` in the data folder, mode 0600. */
export function openControlSocket(options: SocketOptions<ControlHandlers>): Promise<AsyncDisposable> {
  return serve(options, controlAnswers(options));
}

/** Takes a line of a client's, whatever it holds, and sends one answer to it. */
type Answering = (line: string, peer: Pick<Peer, "send" | "hold" | "letGo">) => Promise<void>;

export function controlAnswers({ handlers, log }: Omit<SocketOptions<ControlHandlers>, "path">): Answering {
  return answering(log, ControlRequest, (request) => run(handlers, request));
}

/** The same for whoever hands over one line and waits for one: a rig on the serial line. */
export function controlLine(options: Omit<SocketOptions<ControlHandlers>, "path">): (line: string) => Promise<string> {
  const answers = controlAnswers(options);
  const nothing = () => undefined;
  return async (line) => {
    let said = "";
    const send = (value: unknown) => {
      said = JSON.stringify(value);
    };
    await answers(line, { send, hold: nothing, letGo: nothing });
    return said;
  };
}

/** The rig's way to a simulated unit: `bench.sock`, mode 0600. */
export function openBenchSocket(options: SocketOptions<BenchHandlers>): Promise<AsyncDisposable> {
  const subscribed = new WeakSet<Peer>();
  const answers = answering<BenchRequest, Peer>(options.log, BenchRequest, (request, peer) => {
    if (request.do !== "events") return run<Exclude<BenchRequest["do"], "events">>(options.handlers, request);
    if (subscribed.has(peer)) {
      return { ok: false, error: { code: "already-subscribed", message: "this client has the timeline already" } };
    }
    subscribed.add(peer);
    peer.onClose(options.handlers.events((line) => peer.send(line)));
    return { ok: true, answer: {} };
  });
  return serve(options, answers);
}

type AnyRequest = ControlRequest | BenchRequest;
type RequestFor<D extends Do> = { [Name in D]: Extract<AnyRequest, { do: Name }> }[D];
type HandlersFor<D extends Do> = {
  readonly [Name in D]: (request: RequestFor<Name>) => Reply<Name> | Promise<Reply<Name>>;
};

function run<D extends Do>(handlers: HandlersFor<D>, request: RequestFor<D>): Reply<D> | Promise<Reply<D>> {
  const handler: HandlersFor<D>[D] = handlers[request.do];
  return handler(request);
}

type AnyReply = Reply<Do>;

function serve(
  { path, log }: Pick<LineServerOptions, "path" | "log">,
  answers: (line: string, peer: Peer) => Promise<void>,
) {
  return serveLines({
    path,
    log,
    onLine: (line, peer) => void answers(line, peer),
    tooLong: { id: null, ok: false, error: { code: "too-long", message: "a line may have 64 KiB" } },
  });
}

function answering<Request extends AnyRequest, Client extends Parameters<Answering>[1]>(
  log: Log,
  schema: v.GenericSchema<unknown, Request>,
  answer: (request: Request, peer: Client) => AnyReply | Promise<AnyReply>,
): (line: string, peer: Client) => Promise<void> {
  const waiting = new WeakMap<Client, number>();
  return async (line, peer) => {
    const read = readRequest(schema, line);
    if (!read.ok) return refuse(peer, read.id, read.error);
    const { request } = read;
    const already = waiting.get(peer) ?? 0;
    if (already >= MAX_WAITING) {
      return refuse(peer, request.id, { code: "busy", message: `${already} requests wait for their answer already` });
    }
    waiting.set(peer, already + 1);
    peer.hold();
    try {
      const reply = await answer(request, peer);
      if (reply.ok) peer.send({ id: request.id, ok: true, ...reply.answer });
      else refuse(peer, request.id, reply.error);
    } catch (error) {
      log.error({ do: request.do, error: error instanceof Error ? error.name : "unknown" }, "a control request failed");
      refuse(peer, request.id, { code: "internal", message: "the unit failed to do this; its log says more" });
    } finally {
      waiting.set(peer, (waiting.get(peer) ?? 1) - 1);
      peer.letGo();
    }
  };
}

function refuse(peer: Pick<Peer, "send">, id: RequestId | null, error: RequestError): void {
  peer.send({ id, ok: false, error });
}

type Read<Request> =
  | Readonly<{ ok: true; request: Request }>
  | Readonly<{ ok: false; id: RequestId | null; error: RequestError }>;

function readRequest<Request>(schema: v.GenericSchema<unknown, Request>, line: string): Read<Request> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, id: null, error: { code: "bad-request", message: "that line is not JSON" } };
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return { ok: true, request: parsed.output };
  const named = v.safeParse(v.object({ id: RequestId }), value);
  const message = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "request"}: ${issue.message}`).join("; ");
  return {
    ok: false,
    id: named.success ? named.output.id : null,
    error: { code: "bad-request", message: message.slice(0, 1_000) },
  };
}
