import { analyticsKeys } from "./definitions/analytics.ts";
import { cacheKeys } from "./definitions/cache.ts";
import { channelKeys } from "./definitions/channel.ts";
import { counterKeys } from "./definitions/counter.ts";
import { leaderboardKeys } from "./definitions/leaderboard.ts";
import { limitKeys } from "./definitions/limit.ts";
import { lockKeys } from "./definitions/lock.ts";
import { presenceKeys } from "./definitions/presence.ts";
import { rwlockKeys } from "./definitions/rwlock.ts";
import { semaphoreKeys } from "./definitions/semaphore.ts";
import { sessionKeys } from "./definitions/session.ts";
import type { KeyDefinition } from "./key-definition.ts";

/** Every kind of key and channel, area by area as `keyspace.ts` has them. Each area has its file in `definitions/`. */
export const keyDefinitions: readonly KeyDefinition[] = [
  ...cacheKeys,
  ...sessionKeys,
  ...limitKeys,
  ...lockKeys,
  ...rwlockKeys,
  ...semaphoreKeys,
  ...channelKeys,
  ...presenceKeys,
  ...leaderboardKeys,
  ...counterKeys,
  ...analyticsKeys,
];
