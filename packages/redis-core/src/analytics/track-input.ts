import type { Keyspace } from "../keyspace/keyspace.ts";
import type { RedisArgument } from "../port.ts";
import type { ScriptInput } from "../script/run-script.ts";
import { bucket, hourMs } from "./bucket.ts";
import type { HourKeys } from "./hour-keys.ts";
import type { Parcel } from "./parcel.ts";
import type { trackScript } from "./scripts.ts";
import { type AnalyticsSettings, eventTtlMs, mostEvicted, sliceMs } from "./settings.ts";

export interface TrackRun {
  readonly keys: Keyspace["analytics"];
  readonly site: string;
  readonly hourKeys: HourKeys;
  readonly parcel: Parcel;
  /** Pages whose visitors are to be dropped on the way. */
  readonly sweep: readonly string[];
  /** How long Redis knows the parcel again. */
  readonly rememberMs: number;
  /** By the clock that views were taken by: their age is what lies between. */
  readonly localNowMs: number;
  readonly serverNowMs: number;
  readonly settings: AnalyticsSettings;
}

type TrackInput =
  typeof trackScript extends { keys: readonly (infer K extends string)[]; args: readonly (infer A extends string)[] }
    ? ScriptInput<K, A>
    : never;

/** What `track.lua` is handed for a parcel. */
export function trackInputOf({ keys, site, parcel, settings, ...run }: TrackRun): TrackInput {
  const batch = keys.batch(site, parcel.id);
  const day = bucket(parcel.hourIndex * hourMs).day.name;
  const restKeys: string[] = [];
  const restArgs: RedisArgument[] = [];
  const pageKeys = new Map<string, string>();
  const pageVisitors = (page: string): string => {
    const key = pageKeys.get(page) ?? keys.pageVisitors(site, day, page);
    pageKeys.set(page, key);
    return key;
  };
  for (const view of parcel.views) {
    restKeys.push(
      // Views of the past make visits of their own, lest they tear a visit of now apart.
      keys.visitor(site, view.atMs === undefined ? view.visitorId : `${view.visitorId}~past`),
      pageVisitors(view.page),
      view.id === undefined ? batch : keys.event(site, view.id),
    );
    restArgs.push(
      view.atMs ?? Math.min(0, Math.ceil(view.takenAtMs - run.localNowMs)),
      view.visitorId,
      "member" in view.visitor ? view.visitor.member : "",
      view.page,
      view.id === undefined ? 0 : 1,
      view.referrer,
      view.country,
      view.device,
      view.browser,
    );
  }
  for (const page of run.sweep) {
    restKeys.push(pageVisitors(page));
    restArgs.push(page);
  }
  const slice = Math.floor(run.serverNowMs / sliceMs);
  return {
    keys: { ...run.hourKeys, batch, recent: keys.recent(site, String(slice)) },
    args: {
      batch_ttl: run.rememberMs,
      event_ttl: eventTtlMs,
      hour_index: parcel.hourIndex,
      slice,
      visit_window: settings.visitWindowMs,
      keep_hours: settings.keepHoursMs,
      keep_days: settings.keepDaysMs,
      keep_pages: settings.keepPagesMs,
      most_evicted: mostEvicted,
      most_pages: settings.most.page,
      most_referrers: settings.most.referrer,
      most_countries: settings.most.country,
      most_devices: settings.most.device,
      most_browsers: settings.most.browser,
      count: parcel.views.length,
    },
    restKeys,
    restArgs,
  };
}
