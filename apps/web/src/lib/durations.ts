/** How long a measure may last, in seconds; `null` until it is lifted. */
export const DURATION_TEXTS = {
  "600": "10 minutes",
  "3600": "1 hour",
  "86400": "1 day",
  "604800": "1 week",
  "2592000": "30 days",
  forever: "Until it is lifted",
} as const;

export type DurationChoice = keyof typeof DURATION_TEXTS;

export function secondsOf(choice: DurationChoice): number | null {
  return choice === "forever" ? null : Number(choice);
}
