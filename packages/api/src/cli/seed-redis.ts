import { resolve } from "node:path";
import { openDatabase } from "@cardinal/db";
import { createRedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { silentLog } from "../context/log.ts";
import { createBoards } from "../deps/boards.ts";
import { rebuildBoards } from "../use-cases/leaderboard/rebuild-boards.ts";
import { readCliEnv } from "./env.ts";

// Fills Redis with what the database can tell it: the boards. Run after seeding, or when Redis was emptied.
//
//     node packages/api/src/cli/seed-redis.ts

const { databasePath, redisUrl, keyPrefix } = readCliEnv();

await using db = openDatabase({ path: resolve(import.meta.dirname, "../../../..", databasePath) });
await using redis = connectRedis({ target: redisUrl, name: "cardinal-seed" });
await redis.ready(AbortSignal.timeout(10_000));
await using core = createRedisCore({ redis: redis.port, prefix: keyPrefix });

const rebuilt = await rebuildBoards(
  { db, core, boards: createBoards(core), now: Date.now, log: silentLog },
  { which: "all" },
);
console.log(`${rebuilt} board periods rebuilt from the ledger`);
