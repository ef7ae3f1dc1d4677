import type { BenchmarkCase } from "../contender.ts";
import { cacheHit } from "./cache-hit.ts";
import { limitFixed } from "./limit-fixed.ts";
import { lockCycle } from "./lock-cycle.ts";
import { lockHandOver } from "./lock-hand-over.ts";
import { sessionVerify } from "./session-verify.ts";

export const redisCoreCases: readonly BenchmarkCase[] = [
  cacheHit,
  limitFixed,
  lockCycle,
  lockHandOver,
  sessionVerify,
];
