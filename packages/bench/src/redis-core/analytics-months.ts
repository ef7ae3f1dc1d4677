import { startRedis } from "@cardinal/dev";
import { type AnalyticsOptions, analyticsMemoryBytes } from "@cardinal/redis-core/analytics";
import type { OwnCase } from "../contender.ts";
import { openClient, openCore } from "./open-core.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const days = 60;
const count = 10_000_000;
/** Each comes back every six days. */
const members = 1_000_000;
const inOneGo = 10_000;
const options: AnalyticsOptions = { keep: { hours: "100d", days: "100d", pages: "100d" } };

/**
 * Ten million views of two months: what they take of the server's memory, that hours and days make up the total, and
 * how far the estimate of visitors is off. Nothing is compared: no library that counts page views in Redis is
 * maintained.
 */
export const analyticsMonths: OwnCase = {
  name: "analytics months",
  unit: "bytes",
  askedForBy: "months",
  async measure() {
    await using server = await startRedis();
    const client = await openClient(server.url);
    const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
    const { core, close } = await openCore(server.url);
    const site = core.analytics("months", options);
    const startMs = Math.floor(Date.now() / dayMs) * dayMs - days * dayMs;
    const before = await usedMemory();
    const startedAt = performance.now();
    for (let first = 0; first < count; first += inOneGo) {
      await site.trackMany(
        Array.from({ length: inOneGo }, (_, index) => {
          const number = first + index;
          return {
            path: `/page-${number % 50}`,
            visitor: { member: `member-${number % members}` },
            atMs: startMs + Math.floor((number * days * 24) / count) * hourMs + (number % hourMs),
          };
        }),
      );
      if ((first + inOneGo) % (count / 10) === 0) {
        const perSecond = ((first + inOneGo) * 1_000) / (performance.now() - startedAt);
        console.error(`analytics months: ${figure(first + inOneGo)} views, ${figure(perSecond)} a second`);
      }
    }
    const bytes = (await usedMemory()) - before;
    const keys = await client.dbsize();
    // What a visit needs ends with it, a member's half an hour after the last view.
    const bound = analyticsMemoryBytes(options, { visitorsAtOnce: members, batches: keys - members });

    let [hourly, daily] = [0, 0];
    for (let from = startMs; from < startMs + days * dayMs; from += 30 * dayMs) {
      const month = { from, to: from + 30 * dayMs };
      const [hours, ofDays] = [await site.series({ ...month, by: "hour" }), await site.series({ ...month, by: "day" })];
      hourly += hours.reduce((sum, { views }) => sum + views, 0);
      daily += ofDays.reduce((sum, { views }) => sum + views, 0);
    }
    const { total } = await site.report({ from: startMs, to: startMs + days * dayMs, by: "day" });
    const error = Math.abs(total.visitors - members) / members;
    console.error(`analytics months: ${figure(keys)} keys, ${figure(bytes)} of at most ${figure(bound)} bytes`);
    console.error(`analytics months: hours ${figure(hourly)}, days ${figure(daily)}, total ${figure(total.views)}`);
    console.error(`analytics months: ${figure(members)} visitors, estimate ${(error * 100).toFixed(2)} % off`);
    await close();
    client.disconnect();
    if (hourly !== count || daily !== count || total.views !== count || error >= 0.02 || bytes > bound) {
      throw new Error("analytics months: the figures do not hold");
    }
    const nothing = { peer: null, peerName: null, ratio: null, floor: null, floorRatio: null };
    return [{ case: "analytics months", ours: bytes, ...nothing, unit: "bytes" }];
  },
};

function figure(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}
