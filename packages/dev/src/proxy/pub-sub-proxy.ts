import { once } from "node:events";
import { type Socket, connect, createServer } from "node:net";
import { RedisFrames, stringsOf } from "./redis-frames.ts";

/**
 * What becomes of a `PUBLISH`: `lose` has Redis hear it for nobody, and answer as always; `stop` keeps it and all that
 * follows on its connection, as when the process dies at that moment.
 */
export type PublishFate = "pass" | "lose" | "stop";
/** What becomes of a message on its way to a subscriber. A late one is overtaken by those after it. */
export type DeliveryFate = "pass" | "lose" | "twice" | { readonly lateMs: number };

export interface PubSubFaults {
  readonly onPublish?: (channel: string) => PublishFate;
  readonly onDeliver?: (channel: string) => DeliveryFate;
}

export interface PubSubProxy {
  readonly port: number;
  url(): string;
  /** In the place of those before; `{}` lets everything pass. */
  setFaults(faults: PubSubFaults): void;
  /** Keeps everything that either side says until it is let go again; connections stay open. */
  setStalled(isStalled: boolean): void;
  /** Resets every open connection; returns how many there were. New ones are taken. */
  cutAll(): number;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A proxy in front of one Redis node that understands just enough of its protocol to lose, repeat and reorder
 * messages between publishers and subscribers while every command keeps its reply.
 *
 *     await using proxy = await startPubSubProxy({ target: redis });
 *     proxy.setFaults({ onDeliver: (channel) => (channel.includes("room-") ? "lose" : "pass") });
 */
export async function startPubSubProxy({
  target,
}: {
  readonly target: { readonly host: string; readonly port: number };
}): Promise<PubSubProxy> {
  const connections = new Set<{ client: Socket; upstream: Socket }>();
  let faults: PubSubFaults = {};
  let isStalled = false;

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...target, noDelay: true });
    const connection = { client, upstream };
    connections.add(connection);
    let isStopped = false;
    forward(client, upstream, (frame) => {
      const [command = "", channel = ""] = isRequest(frame) ? stringsOf(frame) : [];
      const isPublish = /^s?publish$/i.test(command);
      const fate = isPublish && !isStopped ? (faults.onPublish?.(channel) ?? "pass") : "pass";
      isStopped ||= fate === "stop";
      if (!isStopped) upstream.write(fate === "lose" ? toNobody(frame, channel) : frame);
    });
    forward(upstream, client, (frame) => {
      const [kind = "", channel = ""] = isMessage(frame) ? stringsOf(frame) : [];
      const fate = kind === "" ? "pass" : (faults.onDeliver?.(channel) ?? "pass");
      if (fate === "lose") return;
      if (typeof fate === "object") {
        setTimeout(() => client.write(frame), fate.lateMs).unref();
        return;
      }
      client.write(frame);
      if (fate === "twice") client.write(frame);
    });
    const end = () => {
      client.destroy();
      upstream.destroy();
      connections.delete(connection);
    };
    client.once("close", end);
    upstream.once("close", end);
    if (isStalled) stall(connection, true);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const cutAll = () => {
    const open = [...connections];
    for (const { client, upstream } of open) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    return open.length;
  };
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    cutAll();
    await closed;
  };
  return {
    port,
    url: () => `redis://127.0.0.1:${port}`,
    setFaults(next) {
      faults = next;
    },
    setStalled(next) {
      isStalled = next;
      for (const connection of connections) stall(connection, next);
    },
    cutAll,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function stall({ client, upstream }: { client: Socket; upstream: Socket }, isStalled: boolean): void {
  for (const socket of [client, upstream]) {
    if (isStalled) socket.pause();
    else socket.resume();
  }
}

function forward(from: Socket, to: Socket, onFrame: (frame: Buffer) => void): void {
  const frames = new RedisFrames();
  from.on("error", () => {});
  from.on("data", (chunk) => frames.push(chunk).forEach(onFrame));
  from.once("end", () => to.end());
}

const isRequest = (frame: Buffer) => frame[0] === "*".charCodeAt(0);
const isMessage = (frame: Buffer) => /^[*>]3\r\n\$(7\r\nmessage|8\r\nsmessage)\r\n/.test(frame.toString("latin1", 0, 20));

/** The same command to a channel that nobody has. */
function toNobody(frame: Buffer, channel: string): Buffer {
  const changed = Buffer.from(frame);
  const at = changed.indexOf(`\r\n${channel}\r\n`) + 2;
  changed.write("~", at, "latin1");
  return changed;
}
