import { once } from "node:events";
import { type Socket, connect, createServer } from "node:net";

export interface BalancerOptions {
  /** Ports of 127.0.0.1 that may serve a new connection now; asked for each. */
  readonly targets: () => readonly number[];
  /** A connection stands, from a client to one of them. */
  readonly onConnection?: () => void;
}

export interface Balancer {
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  url(protocol?: string): string;
  /** Connections open now. */
  connections(): number;
  /** Resets every open connection; returns how many there were. */
  cutAll(): number;
  /** While stalled, what servers send is not read, so that it piles up on their side; clients' bytes go on. */
  setStalled(isStalled: boolean): void;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  upstream: Socket | undefined;
}

/**
 * One port in front of several servers, as a host's load balancer is: each new connection goes to the next target that
 * accepts it; a connection that no target takes is reset.
 */
export async function startBalancer({ targets, onConnection }: BalancerOptions): Promise<Balancer> {
  const pairs = new Set<Pair>();
  let turn = 0;
  let isStalled = false;

  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const pair: Pair = { client, upstream: undefined };
    pairs.add(pair);
    client.on("error", () => {});
    client.once("close", () => {
      pair.upstream?.destroy();
      pairs.delete(pair);
    });
    turn += 1;
    const ports = targets();
    void firstOf(ports.map((_, index) => ports[(turn + index) % ports.length] ?? 0)).then((upstream) => {
      if (upstream === null || client.destroyed) {
        upstream?.destroy();
        client.resetAndDestroy();
        return;
      }
      pair.upstream = upstream;
      onConnection?.();
      forward(client, upstream, () => false);
      forward(upstream, client, () => isStalled);
      upstream.once("close", () => client.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const cutAll = () => {
    const open = [...pairs];
    for (const { client } of open) client.resetAndDestroy();
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
    url: (protocol = "http") => `${protocol}://127.0.0.1:${port}`,
    connections: () => pairs.size,
    cutAll,
    setStalled(next) {
      isStalled = next;
      for (const { upstream } of pairs) {
        if (next) upstream?.pause();
        else upstream?.resume();
      }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A connection to the first port that accepts one. */
async function firstOf(ports: readonly number[]): Promise<Socket | null> {
  for (const port of ports) {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (isOpen) return socket;
  }
  return null;
}

function forward(from: Socket, to: Socket, isHeld: () => boolean): void {
  from.on("error", () => {});
  from.on("data", (chunk) => {
    if (to.write(chunk)) return;
    from.pause();
    to.once("drain", () => {
      if (!isHeld()) from.resume();
    });
  });
  from.once("end", () => to.end());
  if (isHeld()) from.pause();
  else from.resume();
}
