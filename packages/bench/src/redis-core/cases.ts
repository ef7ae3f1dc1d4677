import type { BenchmarkCase } from "../contender.ts";
import { analyticsMonths } from "./analytics-months.ts";
import { analyticsTrack } from "./analytics-track.ts";
import { cacheHit, cacheL1Hit, cacheTaggedHit } from "./cache-hit.ts";
import { cacheMissStorm } from "./cache-miss-storm.ts";
import { counterIncrement, counterView } from "./counter-increment.ts";
import { leaderboardReads } from "./leaderboard-reads.ts";
import { leaderboardSubmit } from "./leaderboard-submit.ts";
import { limitBucket, limitFixed, limitSliding } from "./limit-allow.ts";
import { limitDeny } from "./limit-deny.ts";
import { lockCycle } from "./lock-cycle.ts";
import { lockHandOver } from "./lock-hand-over.ts";
import { memoryCache, memoryLimits, memorySessions } from "./memory.ts";
import { sessionVerify } from "./session-verify.ts";

export const redisCoreCases: readonly BenchmarkCase[] = [
  ...leaderboardReads,
  analyticsMonths,
  analyticsTrack,
  cacheHit,
  cacheL1Hit,
  cacheMissStorm,
  cacheTaggedHit,
  counterIncrement,
  counterView,
  leaderboardSubmit,
  limitBucket,
  limitDeny,
  limitFixed,
  limitSliding,
  lockCycle,
  lockHandOver,
  memoryCache,
  memoryLimits,
  memorySessions,
  sessionVerify,
];
