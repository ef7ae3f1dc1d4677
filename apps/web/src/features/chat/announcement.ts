import type { Message } from "@cardinal/api/schemas";

/** What to say of the messages after `announced` that others wrote; null when there are none. */
export function announcementFor(
  arrivals: readonly Message[],
  announced: number,
  meId: string,
): string | null {
  const fresh = arrivals.filter(({ number, author }) => number > announced && author.id !== meId);
  const last = fresh.at(-1);
  if (!last) return null;
  const said = `${last.author.displayName}: ${last.body.slice(0, 200)}`;
  return fresh.length === 1 ? said : `${fresh.length} new messages, last from ${said}`;
}
