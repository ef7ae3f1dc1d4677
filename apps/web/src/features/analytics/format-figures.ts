/** `12 %`, in the reader's way of writing it. */
export function formatShare(share: number): string {
  return share.toLocaleString(undefined, { style: "percent", maximumFractionDigits: 0 });
}

/** A change in words that need no colour. */
export function formatChange(change: number | null): string {
  if (change === null) return "nothing before to compare";
  const share = formatShare(Math.abs(change));
  if (share === formatShare(0)) return "as before";
  return change > 0 ? `▲ ${share} more than before` : `▼ ${share} less than before`;
}

/** `45 s` or `3 min 5 s`. */
export function formatLength(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Days are counted in UTC and named so; hours are shown in the reader's own time. */
export function formatBucket(startsAtMs: number, by: "hour" | "day"): string {
  return by === "hour"
    ? new Date(startsAtMs).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
    : new Date(startsAtMs).toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
}

const ROUND = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];

/** The next round whole number that is not below. */
export function roundUp(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  const steps = ROUND.map((step) => step * power).filter((step) => Number.isInteger(step));
  return steps.find((step) => step >= most) ?? power * 10;
}

const countries = new Intl.DisplayNames(undefined, { type: "region", fallback: "code" });

/** A label as people say it. */
export function formatLabel(label: string, dimension: string): string {
  return dimension === "country" && /^[A-Z]{2}$/.test(label) ? (countries.of(label) ?? label) : label;
}
