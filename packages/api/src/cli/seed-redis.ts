import { resolve } from "node:path";
import { openDatabase } from "@cardinal/db";
import { createRedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { silentLog } from "../context/log.ts";
import { createBoards } from "../deps/boards.ts";
import { rebuildBoards } from "../use-cases/leaderboard/rebuild-boards.ts";

// Fills Redis with what the database can tell it: the boards. Run after seeding, or when Redis was emptied.
//
//     node packages/api/src/cli/seed-redis.ts

const {
  DATABASE_PATH: path = ".data/cardinal.db",
  REDIS_URL: url = `redis://127.0.0.1:${process.env["REDIS_PORT"] ?? "6399"}`,
  KEY_PREFIX: prefix = "cardinal",
} = process.env;

await using db = openDatabase({ path: resolve(import.meta.dirname, "../../../..", path) });
await using redis = connectRedis({ target: url, name: "cardinal-seed" });
await redis.ready(AbortSignal.timeout(10_000));
await using core = createRedisCore({ redis: redis.port, prefix });

const rebuilt = await rebuildBoards(
  { db, core, boards: createBoards(core), now: Date.now, log: silentLog },
  { which: "all" },
);
console.log(`${rebuilt} board periods rebuilt from the ledger`);
