const ORIGIN = "http://cardinal.invalid";

/**
 * The path to go to after sign-in, if `next` is one of this site: it begins with one slash and stays on the
 * same origin however a browser reads it (`//host`, `/\host` and control characters lead elsewhere).
 */
export function safeNextPath(next: unknown): string | null {
  if (typeof next !== "string" || !next.startsWith("/") || next.length > 2_000) return null;
  if (/^\/[/\\]/.test(next) || /[\p{Cc}\\]/u.test(next)) return null;
  const url = URL.parse(next, ORIGIN);
  if (!url || url.origin !== ORIGIN || url.pathname.startsWith("//")) return null;
  return `${url.pathname}${url.search}${url.hash}`;
}
