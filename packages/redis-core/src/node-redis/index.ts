export type { NodeRedisClient, NodeRedisCluster, NodeRedisNode } from "./node-redis-client.ts";
export { nodeRedisPort, type NodeRedisPortOptions } from "./node-redis-port.ts";
