import type { BenchmarkCase } from "../contender.ts";
import { cacheHit, cacheL1Hit, cacheTaggedHit } from "./cache-hit.ts";
import { cacheMissStorm } from "./cache-miss-storm.ts";
import { limitBucket, limitFixed, limitSliding } from "./limit-allow.ts";
import { limitDeny } from "./limit-deny.ts";
import { lockCycle } from "./lock-cycle.ts";
import { lockHandOver } from "./lock-hand-over.ts";
import { memoryCache, memoryLimits, memorySessions } from "./memory.ts";
import { sessionVerify } from "./session-verify.ts";

export const redisCoreCases: readonly BenchmarkCase[] = [
  cacheHit,
  cacheL1Hit,
  cacheMissStorm,
  cacheTaggedHit,
  limitBucket,
  limitDeny,
  limitFixed,
  limitSliding,
  lockCycle,
  lockHandOver,
  sessionVerify,
  memoryCache,
  memorySessions,
  memoryLimits,
];
