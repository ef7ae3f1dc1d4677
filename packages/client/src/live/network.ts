interface NetworkEvents {
  onOnline(): void;
  onOffline(): void;
  /** The page is looked at again: time to retry at once. */
  onVisible(): void;
}

interface Listenable {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** What of a browser is looked at. Node has none of it, and its types know nothing of it. */
interface Browser extends Listenable {
  document: Listenable & { visibilityState: string };
  navigator: { onLine: boolean };
}

function isBrowser(value: object): value is Browser {
  return "document" in value && "addEventListener" in value;
}

/** Watches a browser's network and visibility; outside a browser it does nothing. Returns what ends it. */
export function watchNetwork(events: NetworkEvents): () => void {
  const browser: object = globalThis;
  if (!isBrowser(browser)) return () => undefined;
  const { document, navigator } = browser;
  const { onOnline, onOffline } = events;
  const onVisibility = () => {
    if (document.visibilityState === "visible") events.onVisible();
  };
  browser.addEventListener("online", onOnline);
  browser.addEventListener("offline", onOffline);
  document.addEventListener("visibilitychange", onVisibility);
  if (!navigator.onLine) onOffline();
  return () => {
    browser.removeEventListener("online", onOnline);
    browser.removeEventListener("offline", onOffline);
    document.removeEventListener("visibilitychange", onVisibility);
  };
}
