import { createConnection } from "node:net";
import { connect as createTlsConnection } from "node:tls";
import { AbstractConnector, type Cluster, Redis, type RedisOptions } from "ioredis";

const disconnectWithinMs = 2_000;

/**
 * A subscriber connection to some master of a Cluster, and after a loss to any other: on a Cluster each node
 * hears every message. ioredis' own Cluster subscriptions move in silence, so nobody would learn that
 * messages are gone; this client has a `ready` for each connection, as on one node.
 */
export function createClusterSubscriber(cluster: Cluster, retryDelayMs: (attempt: number) => number): Redis {
  const { username, password, tls } = cluster.options.redisOptions ?? {};

  class AnyMasterConnector extends AbstractConnector {
    constructor() {
      super(disconnectWithinMs);
    }

    async connect() {
      this.connecting = true;
      const { host, port = 6_379 } = await anyMaster(cluster);
      if (!this.connecting || host === undefined) {
        throw new Error("Connection is closed.");
      }
      const stream = tls ? createTlsConnection({ ...tls, host, port }) : createConnection({ host, port });
      stream.once("error", (error) => {
        this.firstError = error;
      });
      this.stream = stream;
      return stream;
    }
  }

  return new Redis({
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    Connector: AnyMasterConnector,
    connectTimeout: 2_000,
    retryStrategy: retryDelayMs,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    autoResubscribe: false,
  });
}

/** Waits for the first look at the Cluster: ioredis takes an error here for the end, not for a reason to retry. */
async function anyMaster(cluster: Cluster): Promise<Pick<RedisOptions, "host" | "port">> {
  // ioredis takes the stream in a later turn, so there is always one between.
  await Promise.resolve();
  for (;;) {
    const masters = cluster.nodes("master");
    const jitter = Math.floor(Math.random() * masters.length);
    const master = masters[jitter];
    if (master) {
      return master.options;
    }
    if (cluster.status === "end") {
      return {};
    }
    await new Promise<void>((resolve) => {
      const goOn = () => {
        cluster.off("+node", goOn);
        cluster.off("end", goOn);
        resolve();
      };
      cluster.once("+node", goOn);
      cluster.once("end", goOn);
    });
  }
}
