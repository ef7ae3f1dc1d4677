/** What one page of a browser does for all. */
export interface Leadership {
  /** Takes it from a page that does not act: a browser may have put that one to sleep. */
  takeOver(): void;
  end(): void;
}

/**
 * Waits to be the one page that leads in `name`. A page that closes or crashes hands over by itself. Where the browser
 * has no Web Locks, every page leads.
 */
export function seekLeadership(name: string, callbacks: { onLead(): void; onLost(): void }): Leadership {
  const ended = new AbortController();
  const locks = "locks" in navigator ? navigator.locks : undefined;
  if (!locks) {
    callbacks.onLead();
    return { takeOver: () => undefined, end: () => callbacks.onLost() };
  }
  let isLeading = false;
  const hold = async (): Promise<void> => {
    isLeading = true;
    callbacks.onLead();
    await new Promise<void>((resolve) => ended.signal.addEventListener("abort", () => resolve(), { once: true }));
  };
  const lose = () => {
    if (isLeading) callbacks.onLost();
    isLeading = false;
  };
  const wait = (): void => {
    locks.request(name, { signal: ended.signal }, hold).then(lose, () => {
      // Given up by `end`, or taken over: then in line again.
      lose();
      if (!ended.signal.aborted) wait();
    });
  };
  wait();
  return {
    takeOver() {
      if (!isLeading && !ended.signal.aborted) locks.request(name, { steal: true }, hold).then(lose, lose);
    },
    end() {
      ended.abort();
      lose();
    },
  };
}
