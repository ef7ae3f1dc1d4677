import { v4 as uuid } from "uuid";
import { Store } from "./store.ts";

export type PageActivity = "active" | "idle" | "away";

/** Names this tab while it is open. */
export const pageId = uuid();

const IDLE_AFTER_MS = 5 * 60_000;
const AWAY_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 15_000;

/** What the member does here: works with the page, has it open, or has turned to something else for a minute. */
export function activityOf(nowMs: number, usedAtMs: number, hiddenSinceMs: number | null): PageActivity {
  if (hiddenSinceMs !== null && nowMs - hiddenSinceMs >= AWAY_AFTER_MS) return "away";
  return nowMs - usedAtMs >= IDLE_AFTER_MS ? "idle" : "active";
}

/** Follows what the member does on this page, and tells when that changes. Returns what ends it. */
export function watchActivity(onChange: (activity: PageActivity) => void): () => void {
  const store = new Store<PageActivity>("active");
  let usedAtMs = Date.now();
  let hiddenSinceMs = document.hidden ? usedAtMs : null;
  const look = () => store.set(activityOf(Date.now(), usedAtMs, hiddenSinceMs));
  const onUse = () => {
    usedAtMs = Date.now();
    look();
  };
  const onVisibility = () => {
    hiddenSinceMs = document.hidden ? Date.now() : null;
    if (!document.hidden) onUse();
  };
  const stopListening = store.subscribe(() => onChange(store.getSnapshot()));
  const uses = ["pointerdown", "keydown", "wheel", "focus"] as const;
  for (const use of uses) window.addEventListener(use, onUse, { passive: true });
  document.addEventListener("visibilitychange", onVisibility);
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    stopListening();
    clearInterval(timer);
    for (const use of uses) window.removeEventListener(use, onUse);
    document.removeEventListener("visibilitychange", onVisibility);
  };
}
