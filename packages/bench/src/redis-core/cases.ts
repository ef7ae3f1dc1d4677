import type { BenchmarkCase } from "../contender.ts";
import { cacheHit, cacheL1Hit, cacheTaggedHit } from "./cache-hit.ts";
import { cacheMissStorm } from "./cache-miss-storm.ts";
import { limitFixed } from "./limit-fixed.ts";
import { lockCycle } from "./lock-cycle.ts";
import { lockHandOver } from "./lock-hand-over.ts";
import { sessionVerify } from "./session-verify.ts";

export const redisCoreCases: readonly BenchmarkCase[] = [
  cacheL1Hit,
  cacheHit,
  cacheTaggedHit,
  cacheMissStorm,
  limitFixed,
  lockCycle,
  lockHandOver,
  sessionVerify,
];
