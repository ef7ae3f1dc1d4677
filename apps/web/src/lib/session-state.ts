import { Store } from "./store.ts";

/** Whether the server has said that this tab's session is no longer valid. Drafts are kept until sign-out. */
export const sessionExpired = new Store(false);

export function expireSession(): void {
  sessionExpired.set(true);
}

const endListeners = new Set<() => void>();

/** Registers what must forget a member's data when he signs out, here or in another tab. */
export function onSessionEnd(forget: () => void): () => void {
  endListeners.add(forget);
  return () => endListeners.delete(forget);
}

/** Makes every store of this tab forget the member who was signed in. */
export function forgetSession(): void {
  sessionExpired.set(false);
  for (const forget of endListeners) forget();
}
