import { defineScript } from "../script/define-script.ts";

export const trackScript = defineScript({
  name: "analytics/track",
  keys: [
    "hour",
    "hour_visitors",
    "previous_hour",
    "day",
    "day_visitors",
    "previous_day",
    "members",
    "recent",
    "page_hours",
    "evicted",
    "batch",
    "pages",
    "pages_missed",
    "pages_candidates",
    "referrers",
    "referrers_missed",
    "referrers_candidates",
    "countries",
    "countries_missed",
    "countries_candidates",
    "devices",
    "devices_missed",
    "devices_candidates",
    "browsers",
    "browsers_missed",
    "browsers_candidates",
  ],
  args: [
    "batch_ttl",
    "event_ttl",
    "hour_index",
    "slice",
    "visit_window",
    "keep_hours",
    "keep_days",
    "keep_pages",
    "most_evicted",
    "most_pages",
    "most_referrers",
    "most_countries",
    "most_devices",
    "most_browsers",
    "count",
  ],
  rest: "keys and args",
});

export const reportScript = defineScript({
  name: "analytics/report",
  keys: [],
  args: [],
  rest: "keys and args",
});

export const pageScript = defineScript({
  name: "analytics/page",
  keys: [],
  args: ["page"],
  rest: "keys",
});

export const topScript = defineScript({ name: "analytics/top", keys: [], args: ["n"], rest: "keys" });

export const recentScript = defineScript({
  name: "analytics/recent",
  keys: [],
  args: ["slice"],
  rest: "keys",
});

export const saltScript = defineScript({
  name: "analytics/salt",
  keys: ["salt"],
  args: ["index", "period", "candidate"],
});
