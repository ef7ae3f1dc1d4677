/** Which expiry this process last told a visitor's browser of. */
export interface ExpiryMemory {
  /** Whether a session's expiry is another than when this was last asked. True the first time. */
  hasMoved(session: { readonly id: string; readonly expiresAtMs: number }): boolean;
}

/**
 * Remembers the expiries of the sessions seen last, so that a cookie is sent again only when its `Max-Age`
 * would differ, whatever the clocks of Redis and this process make of each other. A session that was
 * forgotten, or is seen by another process for the first time, costs one `Set-Cookie` too many.
 */
export function createExpiryMemory(size = 10_000): ExpiryMemory {
  const known = new Map<string, number>();
  return {
    hasMoved({ id, expiresAtMs }) {
      const before = known.get(id);
      // Deleted first, so that the map stays ordered by last use.
      known.delete(id);
      known.set(id, expiresAtMs);
      if (known.size > size) {
        const [oldest] = known.keys();
        known.delete(oldest ?? id);
      }
      return before !== expiresAtMs;
    },
  };
}
