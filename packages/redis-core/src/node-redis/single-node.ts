import { Misuse } from "../errors.ts";
import type { NodeRedisClient } from "./node-redis-client.ts";
import { duplicateForMessages, type NodeRedisTopology } from "./node-redis-topology.ts";
import { sendOnce } from "./send-command.ts";

export function singleNode(client: NodeRedisClient): NodeRedisTopology {
  assertUsable(client.options);
  return {
    topology: "single",
    send: (_key, command, limits, what) => sendOnce(client, command, limits, what),
    masters: () => Promise.resolve([client]),
    createSubscriber: (settings) => duplicateForMessages(client, settings, false),
  };
}

export function assertUsable(options: NodeRedisClient["options"]): void {
  if (options.keyPrefix) {
    throw new Misuse("node-redis' keyPrefix is not supported; give createRedisCore a prefix instead");
  }
  if (options.RESP !== 2) {
    throw new Misuse("the node-redis client must be made with RESP: 2; RESP 3 answers in other shapes");
  }
}
