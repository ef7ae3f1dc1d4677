/** A `BroadcastChannel`. */
export interface TabChannel {
  postMessage(message: unknown): void;
  close(): void;
}

/** The part of `navigator.locks` that is used. */
export interface TabLocks {
  request(name: string, options: { signal?: AbortSignal; steal?: boolean }, held: () => Promise<void>): Promise<void>;
}

/** What tabs need of their browser to find and hear each other. */
export interface TabPlatform {
  readonly locks: TabLocks;
  createChannel(name: string, hear?: (message: unknown) => void): TabChannel;
  /** The page is put to sleep, and wakes: it must not lead meanwhile. Returns what ends that. */
  watchSleep(events: { onSleep(): void; onWake(): void }): () => void;
}

interface Page {
  addEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
  removeEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
}

function isPage(value: unknown): value is Page {
  return typeof value === "object" && value !== null && "addEventListener" in value;
}

function isLocks(value: unknown): value is TabLocks {
  return typeof value === "object" && value !== null && "request" in value;
}

/** The runtime's own, or null where a part of it is missing: an old browser, or a page not served over HTTPS. */
export function findTabPlatform(): TabPlatform | null {
  const navigator: object = Object(Reflect.get(globalThis, "navigator"));
  const locks: unknown = Reflect.get(navigator, "locks");
  return isLocks(locks) && typeof BroadcastChannel !== "undefined" ? { locks, createChannel, watchSleep } : null;
}

function createChannel(name: string, hear?: (message: unknown) => void): TabChannel {
  const channel = new BroadcastChannel(name);
  if (hear) channel.addEventListener("message", (event) => hear(Reflect.get(event, "data")));
  return channel;
}

function watchSleep({ onSleep, onWake }: { onSleep(): void; onWake(): void }): () => void {
  const page: unknown = globalThis;
  const document: unknown = Reflect.get(globalThis, "document");
  if (!isPage(page) || !isPage(document)) return () => undefined;
  const ifPersisted = (react: () => void) => (event: { persisted?: boolean }) => {
    if (event.persisted) react();
  };
  const listeners: [Page, string, (event: { persisted?: boolean }) => void][] = [
    [document, "freeze", onSleep],
    [document, "resume", onWake],
    // Into the cache of pages one may come back to.
    [page, "pagehide", ifPersisted(onSleep)],
    [page, "pageshow", ifPersisted(onWake)],
  ];
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener);
  return () => {
    for (const [target, type, listener] of listeners) target.removeEventListener(type, listener);
  };
}
