/** What an adopter writes for the edge. Bundled for no platform and run where there is nothing of Node. */
import { createRedisCore } from "@cardinal/redis-core";
import { clientAddress, fetchSessions, withinLimit } from "@cardinal/redis-core/fetch";
import { tokenBucket } from "@cardinal/redis-core/rate-limit";
import { upstashPort } from "@cardinal/redis-core/upstash";
import { Redis } from "@upstash/redis/cloudflare";

export async function handle(url: string, token: string, prefix: string) {
  const client = new Redis({ url, token, retry: { retries: 0 }, enableTelemetry: false });
  const core = createRedisCore({ redis: upstashPort(client, { deadlineMs: 10_000 }), prefix });
  const pages = core.cache<{ n: number }>("page", { ttl: "1m" });
  const both = await Promise.all([pages.getOrSet("a", () => ({ n: 1 })), pages.getOrSet("a", () => ({ n: 1 }))]);
  const limiter = core.limiter("edge", { address: tokenBucket({ rate: 1, per: "1h" }) });
  const address = clientAddress("10.0.0.1", "1.2.3.4, 203.0.113.9", { hops: 1 });
  const visit = () => withinLimit(limiter, { keys: { address } }, () => new Response("in"));
  const statuses = [(await visit()).status, (await visit()).status];
  const sessions = core.sessions<{ theme: string }>({ idle: "1h", absolute: "1d" });
  const created = await sessions.create({ userId: "ada", data: { theme: "dark" } });
  const headers = { authorization: `Bearer ${created.token}` };
  const page = await fetchSessions(sessions, { takesBearer: true }).handle(
    new Request("https://edge/", { headers }),
    ({ session }) => new Response(session?.data.theme),
  );
  const held = await core.lock("report").tryAcquire();
  const score = await core.leaderboard("arena", { update: "best", periods: ["all"] }).submit("ada", 7);
  const views = await core.counter("views").increment("a", { viewer: "ada" });
  const [figures] = await core.monitor().figures();
  const channel = await core
    .channel<string>("news")
    .subscribe(() => {})
    .catch((error: unknown) => (error instanceof Error && "code" in error ? error.code : error));
  await held?.release();
  await core.close();
  return {
    loaded: both.map((each) => each?.n),
    statuses,
    theme: await page.text(),
    locked: held !== null,
    rank: score.rank,
    views,
    isUp: figures?.isUp,
    channel,
  };
}
