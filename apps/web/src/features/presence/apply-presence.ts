import type { PresenceOnChangeFrame, PresenceUser } from "@cardinal/api/schemas";

export interface PresenceState {
  readonly version: number;
  /** By name. */
  readonly users: readonly PresenceUser[];
}

const byName = (a: PresenceUser, b: PresenceUser) => a.user.displayName.localeCompare(b.user.displayName);

/**
 * The next state of a presence list. A snapshot replaces everything; a diff that is not newer than what is
 * there changes nothing, so that a replay after a reconnect does no harm.
 */
export function applyPresence(
  state: PresenceState | null,
  frame: PresenceOnChangeFrame,
): PresenceState | null {
  if (frame.kind === "snapshot") {
    return { version: frame.version, users: frame.users.toSorted(byName) };
  }
  if (state === null || frame.version <= state.version) return state;
  const users = new Map(state.users.map((present) => [present.user.id, present]));
  for (const userId of frame.leaves) users.delete(userId);
  for (const present of [...frame.joins, ...frame.updates]) users.set(present.user.id, present);
  return { version: frame.version, users: [...users.values()].toSorted(byName) };
}
