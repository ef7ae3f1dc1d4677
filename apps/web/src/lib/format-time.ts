const DAY_MS = 86_400_000;

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}

/** A calendar day in the reader's time zone, equal for two times of one day. */
export function dayKey(atMs: number): string {
  return String(startOfDay(atMs));
}

export const formatTime = (atMs: number) => time.format(atMs);
export const formatDate = (atMs: number) => date.format(atMs);
export const formatFull = (atMs: number) => full.format(atMs);

/** "Today", "Yesterday", a weekday within the year, else the date. */
export function formatDay(atMs: number, nowMs: number = Date.now()): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / DAY_MS);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
    ? weekday.format(atMs)
    : date.format(atMs);
}

/** "5 minutes ago", "in 2 days". */
export function formatRelative(atMs: number, nowMs: number = Date.now()): string {
  const seconds = Math.round((atMs - nowMs) / 1000);
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(0, "minute") === "this minute" ? "just now" : relative.format(seconds, "second");
}
