import { Store } from "./store.ts";

/** Whether the server has said that this tab's session is no longer valid. Drafts are kept until sign-out. */
export const sessionExpired = new Store(false);

export function expireSession(): void {
  if (member !== null) sessionExpired.set(true);
}

let member: string | null = null;

/** The id of the member this tab belongs to, also while his session has expired. */
export function currentMember(): string | null {
  return member;
}

export function rememberMember(userId: string): void {
  member = userId;
  sessionExpired.set(false);
}

const forgetters = new Set<() => void>();

/** Registers what must forget a member's data when he signs out, here or in another tab. */
export function onSessionEnd(forget: () => void): () => void {
  forgetters.add(forget);
  return () => forgetters.delete(forget);
}

/** Makes every store of this tab forget the member who was signed in. */
export function forgetSession(): void {
  member = null;
  sessionExpired.set(false);
  for (const forget of forgetters) forget();
}
