export { type NodeRedisClient, nodeRedisPort, type NodeRedisPortOptions } from "./node-redis-port.ts";
