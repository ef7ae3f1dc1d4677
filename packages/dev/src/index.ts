export { findRedisServer, type RedisServerProgram } from "./redis/find-redis-server.ts";
export { PortTaken, startRedis, type RunningRedis, type StartRedisOptions } from "./redis/start-redis.ts";
export {
  startCluster,
  type ClusterNode,
  type RunningCluster,
  type StartClusterOptions,
} from "./redis/start-cluster.ts";
export { startSentinel, type RunningSentinel, type StartSentinelOptions } from "./redis/start-sentinel.ts";
export { findChromium, type Chromium } from "./browser/find-chromium.ts";
export { startTcpProxy, type TcpProxy, type TcpProxyOptions } from "./proxy/tcp-proxy.ts";
export {
  startPubSubProxy,
  type DeliveryFate,
  type PublishFate,
  type PubSubFaults,
  type PubSubProxy,
} from "./proxy/pub-sub-proxy.ts";
export { startBalancer, type Balancer, type BalancerOptions } from "./proxy/balancer.ts";
export type { FaultOptions, ProxyCounters, ProxyMode } from "./proxy/proxy-fault.ts";
export {
  startUpstashGateway,
  type UpstashGateway,
  type UpstashGatewayOptions,
} from "./upstash/start-upstash-gateway.ts";
export { askRedis } from "./redis/ask-redis.ts";
export { freePort, isPortFree } from "./ports/free-port.ts";
export { repositoryRoot } from "./workspace/repository-root.ts";
import "./test-run/vitest-context.ts";
