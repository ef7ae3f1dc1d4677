import type { CoreContext } from "../context.ts";
import type { Analytics, Tracked } from "./analytics.ts";
import { Ingest } from "./ingest.ts";
import { checkView, type CheckedView, type IdentifiedView, type PageView } from "./page-view.ts";
import { createReads } from "./reads.ts";
import { ServerTime } from "./server-time.ts";
import { type AnalyticsOptions, settingsOf } from "./settings.ts";
import { createViewBuffer } from "./view-buffer.ts";
import { VisitorIds } from "./visitor-ids.ts";

/** See `Analytics`. Costs nothing until used. @throws {Misuse} for options out of range. */
export function createAnalytics(context: CoreContext, site: string, options: AnalyticsOptions = {}): Analytics {
  const settings = settingsOf(options);
  const time = new ServerTime(context.clock);
  const ids = new VisitorIds(context, site, settings.saltPeriodMs, time);
  const ingest = new Ingest(context, site, settings, time);
  context.onClose(() => ids.forget());

  const check = (view: PageView): CheckedView => {
    const nowMs = time.nowMs();
    return checkView(view, time.localMs(), { nowMs, oldestMs: nowMs - settings.keepDaysMs });
  };
  const identifyNow = (view: CheckedView): CheckedView | IdentifiedView => {
    const visitorId = ids.known(view.visitor);
    return visitorId === undefined ? view : { ...view, visitorId };
  };
  const identify = async (view: CheckedView | IdentifiedView): Promise<IdentifiedView> =>
    "visitorId" in view ? view : { ...view, visitorId: await ids.of(view.visitor) };

  return {
    ...createReads(context, site, time),

    async track(view): Promise<Tracked> {
      const checked = check(view);
      if (view.isBot === true) {
        return "bot";
      }
      const identified = identifyNow(checked);
      return outcomeOf(await ingest.add("visitorId" in identified ? identified : await identify(checked)));
    },

    async trackMany(views): Promise<Tracked[]> {
      const outcomes = views.map((): Tracked => "bot");
      const checked = views.map(check);
      const places = [...views.keys()].filter((place) => views[place]?.isBot !== true);
      const identified = await Promise.all(
        places.flatMap((place) => {
          const view = checked[place];
          return view ? [identify(view)] : [];
        }),
      );
      const counted = await ingest.addMany(identified);
      places.forEach((place, index) => {
        outcomes[place] = outcomeOf(counted[index] ?? false);
      });
      return outcomes;
    },

    buffer: (bufferOptions = {}) =>
      createViewBuffer({ context, ingest, check, identifyNow, identify }, bufferOptions),
  };
}

function outcomeOf(isCounted: boolean): Tracked {
  return isCounted ? "counted" : "repeated";
}
