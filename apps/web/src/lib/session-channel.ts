type SessionNews = { kind: "signed-out" } | { kind: "signed-in"; userId: string };

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("cardinal.session");

function isSessionNews(value: unknown): value is SessionNews {
  return typeof value === "object" && value !== null && "kind" in value;
}

/** Tells every other tab of this browser. */
export function tellOtherTabs(news: SessionNews): void {
  channel?.postMessage(news);
}

/** Hears what other tabs tell; returns what ends that. */
export function onNewsFromOtherTabs(hear: (news: SessionNews) => void): () => void {
  const listener = (event: MessageEvent<unknown>) => {
    if (isSessionNews(event.data)) hear(event.data);
  };
  channel?.addEventListener("message", listener);
  return () => channel?.removeEventListener("message", listener);
}
