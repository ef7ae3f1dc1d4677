import { type PolicyName, rateLimitPolicies, type RateLimitPolicies } from "@cardinal/api";
import { readEnv, startServer, toConfig } from "@cardinal/server";
import { pino } from "pino";
import type { ServerFigures, ServerOptions } from "./server-process.ts";

/** Limits that nobody meets: what is tested here is something else. */
const unlimited: Record<PolicyName, RateLimitPolicies[PolicyName]> = { ...rateLimitPolicies };
for (const name of Object.keys(rateLimitPolicies) as PolicyName[]) {
  const rules = { minute: { limit: 1_000_000, window: "1m" } } as const;
  const hasMemberRules = "member" in rateLimitPolicies[name];
  unlimited[name] = { address: rules, onUnavailable: "open", ...(hasMemberRules ? { member: rules } : {}) };
}

const options: ServerOptions = JSON.parse(process.argv[2] ?? "{}");
const config = toConfig(readEnv(options.env), "0.0.0-chaos");
const server = await startServer(
  { ...config, listen: { host: "127.0.0.1", port: options.port, isShared: false } },
  {
    log: pino({ level: "silent" }),
    deps: {
      policies: unlimited,
      live: { checkEveryMs: options.checkEveryMs, lingerMs: options.lingerMs },
    },
  },
);

const { db } = server.context;
const read = db.read.bind(db);
let logReads = 0;
/** As it was, but that reads of a room's log are counted. */
db.read = (run) =>
  read((tx) => {
    const statement: typeof tx.statement = (sql) => {
      logReads += sql.includes("FROM room_event") ? 1 : 0;
      return tx.statement(sql);
    };
    return run({ orm: tx.orm, statement });
  });

process.on("SIGTERM", () => {
  void server.stop(options.graceMs).then(() => process.exit(0));
});
// Whoever started this process is gone: so is what it was for.
process.on("disconnect", () => process.exit(0));
process.on("message", () => {
  void figures().then((found) => process.send?.(found));
});
process.send?.("listening");

async function figures(): Promise<ServerFigures> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const { streams, holds, topics, watchedSessions } = server.context.deps.live.counts();
  const events = await server.context.metrics.registry.getSingleMetric("live_room_events_total")?.get();
  return {
    rssBytes: rss,
    heapBytes: heapUsed + external,
    bufferedBytes: server.live.bufferedBytes,
    sockets: server.live.sockets,
    streams,
    holds,
    topics,
    watchedSessions,
    logReads,
    heardEvents: events?.values.find(({ labels }) => labels["what"] === "doorbell")?.value ?? 0,
  };
}
