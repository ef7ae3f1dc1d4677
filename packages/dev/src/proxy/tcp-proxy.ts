import { once } from "node:events";
import { type Server, type Socket, createServer } from "node:net";
import { type FaultOptions, type ProxyCounters, type ProxyMode, ProxyFault } from "./proxy-fault.ts";
import { ProxyConnection } from "./proxy-connection.ts";

export interface TcpProxyOptions {
  target: { host: string; port: number };
}

export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** `redis://127.0.0.1:port`, or with another protocol: `url("http")`. */
  url(protocol?: string): string;
  /** Takes effect at once, for open connections and new ones. */
  setMode(mode: ProxyMode, options?: FaultOptions): Promise<void>;
  mode(): ProxyMode;
  /**
   * Closes every open connection with a reset and returns how many there were; new ones are as the mode says.
   */
  cutAll(): number;
  counters(): ProxyCounters;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A TCP proxy on a free port of 127.0.0.1 that does to connections what networks do. It begins in mode
 * `pass`. The modes are described at `ProxyMode`; they act on bytes as they arrive, so a client that
 * pipelines has all its requests in one go.
 *
 *     await using proxy = await startTcpProxy({ target: redis });
 *     await proxy.setMode("cut-after-request-before-reply", { match: "INCR", times: 1 });
 */
export async function startTcpProxy({ target }: TcpProxyOptions): Promise<TcpProxy> {
  const connections = new Set<ProxyConnection>();
  const counters: ProxyCounters = { accepted: 0, requests: 0, replies: 0, cuts: 0 };
  let fault = new ProxyFault("pass", {});
  let server = createServer();
  let port = 0;

  const accept = (client: Socket): void => {
    counters.accepted += 1;
    const connection = new ProxyConnection(client, target, () => fault, counters);
    connections.add(connection);
    client.once("close", () => connections.delete(connection));
  };
  const listen = async (): Promise<void> => {
    server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) port = address.port;
  };
  const cutAll = (): number => {
    const open = connections.size;
    for (const connection of connections) connection.reset();
    return open;
  };
  const close = async (closing: Server): Promise<void> => {
    if (!closing.listening) return;
    const closed = once(closing, "close");
    closing.close();
    cutAll();
    await closed;
  };
  const stop = () => close(server);

  await listen();
  return {
    host: "127.0.0.1",
    get port() {
      return port;
    },
    url: (protocol = "redis") => `${protocol}://127.0.0.1:${port}`,
    mode: () => fault.mode,
    async setMode(mode, options = {}) {
      const before = fault.mode;
      fault = new ProxyFault(mode, options);
      if (mode === "refuse") await close(server);
      else if (before === "refuse") await listen();
      if (mode === "reset") cutAll();
      for (const connection of connections) connection.modeChanged();
    },
    cutAll,
    counters: () => ({ ...counters }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
