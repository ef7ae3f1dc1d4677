import { OutcomeUnknown, RedisReplyError, RedisUnavailable } from "../errors.ts";
import { slotOfKey } from "../keyspace/key-slot.ts";
import { waitUntil } from "../wait-until.ts";
import type { RedisArgument, RedisReply } from "../port.ts";
import { type CallLimits, raceDeadline } from "../send-within.ts";
import { type NodeRedisClient, type NodeRedisCluster, type NodeRedisNode, toReply } from "./node-redis-client.ts";
import { duplicateForMessages, type NodeRedisTopology } from "./node-redis-topology.ts";
import { sendOnce, toCoreError } from "./send-command.ts";
import { assertUsable } from "./single-node.ts";

/** Between two tries at a slot of which a node has only some of the keys. */
const tryAgainPauseMs = 50;

/**
 * The nodes of a Cluster. Commands go straight to the client of their slot's master, where it can be told what
 * was sent; only one that a node turns away, because its slot moves or has moved, goes through the cluster client,
 * which then looks for the new owner.
 */
export function clusterNodes(cluster: NodeRedisCluster): NodeRedisTopology {
  assertUsable(cluster._options);
  const masterOf = (key: string | undefined): NodeRedisNode => {
    const found = key === undefined ? anyMaster(cluster) : cluster.slots[slotOfKey(key)]?.master;
    if (found === undefined) {
      throw new RedisUnavailable("not sent: the Cluster's nodes are not known");
    }
    return found;
  };
  return {
    topology: "cluster",
    async send(key, command, limits, what) {
      const startedAt = performance.now();
      try {
        const node = masterOf(key);
        const client = node.client ?? (await connect(cluster, node, limits));
        return await sendOnce(client, command, limits, what);
      } catch (error) {
        if (!isRedirection(error) && !isTryAgain(error)) {
          throw error;
        }
        return await follow({ cluster, key, command, limits, what, endsAt: startedAt + limits.deadlineMs }, error);
      }
    },
    masters: (limits) =>
      Promise.all(cluster.masters.map(async (node) => node.client ?? (await connect(cluster, node, limits)))),
    createSubscriber(settings) {
      // On a Cluster each node hears every message.
      const { client } = masterOf(undefined);
      if (client === undefined) {
        throw new RedisUnavailable("subscribe: not sent: no master is connected");
      }
      return duplicateForMessages(client, settings, true);
    },
  };
}

/** One that is ready, where there is one. */
function anyMaster({ masters }: NodeRedisCluster): NodeRedisNode | undefined {
  const ready = masters.filter(({ client }) => client?.isReady === true);
  const jitter = Math.floor(Math.random() * ready.length);
  return ready[jitter] ?? masters[0];
}

/** Connects where the cluster client has not done so yet. */
function connect(
  cluster: NodeRedisCluster,
  node: NodeRedisNode,
  limits: CallLimits,
): Promise<NodeRedisClient> {
  const notSent = (reason: string) => new RedisUnavailable(`not sent: ${node.address}: ${reason}`);
  const connecting = cluster.nodeClient(node).catch((error: unknown) => {
    throw notSent(String(error));
  });
  return raceDeadline(connecting, limits, notSent);
}

/** A node that answers so has not run the command. */
function isRedirection(error: unknown): boolean {
  return error instanceof RedisReplyError && (error.reply === "MOVED" || error.reply === "ASK");
}

/** So answers a node of a slot that is on its way, when it has only some of the keys. It has not run the command. */
function isTryAgain(error: unknown): error is RedisUnavailable {
  return (
    error instanceof RedisUnavailable && error.cause instanceof Error && error.cause.message.startsWith("TRYAGAIN")
  );
}

/** A command that was turned away. */
interface TurnedAway {
  readonly cluster: NodeRedisCluster;
  readonly key: string | undefined;
  readonly command: readonly RedisArgument[];
  readonly limits: CallLimits;
  readonly what: string;
  readonly endsAt: number;
}

/** Goes where the command is sent on to, and waits within its deadline for the keys of a moving slot to be together. */
async function follow(turned: TurnedAway, because: unknown): Promise<RedisReply> {
  const { limits, endsAt } = turned;
  let last = because;
  for (;;) {
    if (isTryAgain(last)) {
      if (performance.now() + tryAgainPauseMs >= endsAt) {
        throw last;
      }
      await waitUntil(tryAgainPauseMs, { signal: limits.signal });
      limits.signal?.throwIfAborted();
    }
    const deadlineMs = Math.max(1, Math.ceil(endsAt - performance.now()));
    try {
      return await sendOn(turned, { ...limits, deadlineMs });
    } catch (error) {
      if (!isTryAgain(error)) {
        throw error;
      }
      last = error;
    }
  }
}

/** What becomes of a command in the cluster client's hands is known only when it answers. */
async function sendOn({ cluster, key, command, what }: TurnedAway, limits: CallLimits): Promise<RedisReply> {
  const leaving = new AbortController();
  const replying = cluster
    .sendCommand(key, false, command.map(String), { abortSignal: leaving.signal, timeout: 0 })
    .then(toReply, (error: unknown) => {
      throw toCoreError(error, true, what);
    });
  return await raceDeadline(replying, limits, (reason) => {
    leaving.abort();
    return new OutcomeUnknown(`${what}: sent, but no reply came: ${reason}`);
  });
}
