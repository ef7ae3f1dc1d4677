import { formatFull, formatTime } from "./format-time.ts";

/** "until 14:30: calm down", "until it is lifted". Ends in a full stop. */
export function sanctionText(sanction: { untilMs: number | null; why: string }, nowMs: number = Date.now()): string {
  const { untilMs, why } = sanction;
  const isSoon = untilMs !== null && untilMs - nowMs < 12 * 3_600_000;
  const until = untilMs === null ? "until it is lifted" : `until ${isSoon ? formatTime(untilMs) : formatFull(untilMs)}`;
  return why === "" ? `${until}.` : `${until}: ${why.replace(/\.$/, "")}.`;
}
