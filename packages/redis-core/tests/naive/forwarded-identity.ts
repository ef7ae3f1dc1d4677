/** Flaw F8: whom a limit counts is the leftmost entry of `X-Forwarded-For`, which the caller writes himself. */
export function forwardedIdentity(_peer: string, forwardedFor: string | undefined): string {
  const [leftmost = ""] = (forwardedFor ?? "unknown").split(",");
  return leftmost.trim();
}
