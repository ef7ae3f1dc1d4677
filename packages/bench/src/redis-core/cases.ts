import type { BenchmarkCase } from "../contender.ts";
import { cacheHit } from "./cache-hit.ts";
import { limitBucket, limitFixed, limitSliding } from "./limit-allow.ts";
import { limitDeny } from "./limit-deny.ts";
import { lockCycle } from "./lock-cycle.ts";
import { lockHandOver } from "./lock-hand-over.ts";
import { sessionVerify } from "./session-verify.ts";

export const redisCoreCases: readonly BenchmarkCase[] = [
  cacheHit,
  limitFixed,
  limitSliding,
  limitBucket,
  limitDeny,
  lockCycle,
  lockHandOver,
  sessionVerify,
];
