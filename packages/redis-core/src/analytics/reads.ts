import { type CoreContext, runOn } from "../context.ts";
import { Misuse } from "../errors.ts";
import type { Analytics, Comparison, PageReport, Report, Top } from "./analytics.ts";
import { type Bucket, bucket, dayMs, hourMs } from "./bucket.ts";
import { bucketsOf, changeOf, instant, reportOf, textsOfStretch } from "./figures.ts";
import { pageOf } from "./page-view.ts";
import { daysOfPeriod } from "./periods.ts";
import { askAtServerTime, textsOf } from "./replies.ts";
import { pageScript, recentScript, reportScript, topScript } from "./scripts.ts";
import type { ServerTime } from "./server-time.ts";
import { dimensions, mostTopDays, recentSlices, sliceMs } from "./settings.ts";

type Reads = Pick<Analytics, "report" | "series" | "page" | "top" | "compare" | "activeMembers" | "now">;

const mostLabels = 1_000;
const textsPerPageDay = 26;

/** The reading half of `Analytics`. */
export function createReads(context: CoreContext, site: string, time: ServerTime): Reads {
  const keys = context.keys.analytics;
  const keysOf = (by: "hour" | "day", buckets: readonly Bucket[]) =>
    buckets.flatMap(({ name }) =>
      by === "hour"
        ? [keys.hour(site, name), keys.hourVisitors(site, name)]
        : [keys.day(site, name), keys.dayVisitors(site, name)],
    );
  const report: Reads["report"] = async ({ by, ...stretch }): Promise<Report> => {
    const buckets = bucketsOf(stretch, by);
    const reply = await runOn(context, "state", reportScript, {
      keys: {},
      args: {},
      restKeys: keysOf(by, buckets),
      restArgs: [buckets.length],
    });
    return reportOf(textsOf(reply), 0, buckets);
  };

  return {
    report,

    async series(query) {
      return (await report(query)).series;
    },

    async compare({ current, previous, by }): Promise<Comparison> {
      const [now, before] = [bucketsOf(current, by), bucketsOf(previous, by)];
      const reply = await runOn(context, "state", reportScript, {
        keys: {},
        args: {},
        restKeys: [...keysOf(by, now), ...keysOf(by, before)],
        restArgs: [now.length, before.length],
      });
      const texts = textsOf(reply);
      const totals = {
        current: reportOf(texts, 0, now).total,
        previous: reportOf(texts, textsOfStretch(now), before).total,
      };
      const change = (figure: keyof Comparison["change"]) =>
        changeOf(totals.current[figure], totals.previous[figure]);
      return {
        ...totals,
        change: {
          views: change("views"),
          visitors: change("visitors"),
          visits: change("visits"),
          bounces: change("bounces"),
          spentMs: change("spentMs"),
          bounceRate: change("bounceRate"),
          viewsPerVisit: change("viewsPerVisit"),
          averageVisitMs: change("averageVisitMs"),
        },
      };
    },

    async page(path, { by, ...stretch }): Promise<PageReport> {
      const page = pageOf(path);
      const buckets = bucketsOf(stretch, by, mostTopDays);
      const days = bucketsOf(stretch, "day", mostTopDays);
      const reply = await runOn(context, "state", pageScript, {
        keys: {},
        args: { page },
        restKeys: days.flatMap(({ name }) => [
          keys.top(site, name, "page"),
          keys.missed(site, name, "page"),
          keys.pageHours(site, name),
          keys.pageVisitors(site, name, page),
        ]),
      });
      const [visitors = 0, ...figures] = textsOf(reply).map(Number);
      const firstDayAtMs = days[0]?.startsAtMs ?? 0;
      const series = buckets.map(({ startsAtMs }) => {
        const day = Math.floor((startsAtMs - firstDayAtMs) / dayMs) * textsPerPageDay;
        const hour = Math.floor((startsAtMs % dayMs) / hourMs);
        return by === "day"
          ? { startsAtMs, views: figures[day] ?? 0, visitors: figures[day + 1] ?? 0 }
          : { startsAtMs, views: figures[day + 2 + hour] ?? 0, visitors: null };
      });
      return { views: series.reduce((sum, { views }) => sum + views, 0), visitors, series };
    },

    async top(dimension, { n = 10, ...stretch }): Promise<Top> {
      if (!dimensions.includes(dimension)) {
        throw new Misuse(`there is no dimension ${dimension}`);
      }
      if (!Number.isSafeInteger(n) || n < 1 || n > mostLabels) {
        throw new Misuse(`n must be a whole number from 1 to ${mostLabels}, got ${n}`);
      }
      const reply = await runOn(context, "state", topScript, {
        keys: {},
        args: { n },
        restKeys: bucketsOf(stretch, "day", mostTopDays).flatMap(({ name }) => [
          keys.day(site, name),
          keys.top(site, name, dimension),
          keys.missed(site, name, dimension),
        ]),
      });
      const [total = "0", ...texts] = textsOf(reply);
      const labels = Array.from({ length: texts.length / 3 }, (_, index) => ({
        label: texts[index * 3] ?? "",
        views: Number(texts[index * 3 + 1]),
        mayMiss: Number(texts[index * 3 + 2]),
      }));
      const listed = labels.reduce((sum, { views }) => sum + views, 0);
      return { labels, other: Number(total) - listed, total: Number(total) };
    },

    async activeMembers(period, at = time.nowMs()) {
      const days = daysOfPeriod(period, bucket(instant(at)).day.startsAtMs);
      const sketches = days.map(({ name }) => keys.members(site, name));
      return Number(await context.state.command("PFCOUNT", sketches, []));
    },

    async now() {
      const [visitors] = await askAtServerTime(time, (nowMs) => {
        const slice = Math.floor(nowMs / sliceMs);
        return runOn(context, "state", recentScript, {
          keys: {},
          args: { slice },
          restKeys: Array.from({ length: recentSlices }, (_, back) => keys.recent(site, String(slice - back))),
        });
      });
      return Number(visitors);
    },
  };
}
