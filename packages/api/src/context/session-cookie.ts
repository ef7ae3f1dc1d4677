import { parseCookie, stringifySetCookie } from "cookie";

/** What the cookie's attributes depend on: whether the public address is https. */
export interface CookieSettings {
  readonly isSecure: boolean;
}

/** `__Host-` makes the browser refuse the cookie from any other host, path or plain http. */
export function sessionCookieName({ isSecure }: CookieSettings): string {
  return isSecure ? "__Host-cardinal_sid" : "cardinal_sid";
}

/** The session token in a `Cookie` header, if there is one. */
export function readSessionCookie(header: string | undefined, settings: CookieSettings): string | undefined {
  return header === undefined ? undefined : parseCookie(header)[sessionCookieName(settings)] || undefined;
}

/** A `Set-Cookie` value that lives exactly as long as the session does. */
export function writeSessionCookie(token: string, maxAgeMs: number, settings: CookieSettings): string {
  return serialise(token, Math.max(0, Math.floor(maxAgeMs / 1_000)), settings);
}

/** A `Set-Cookie` value that makes the browser forget the session. */
export function clearSessionCookie(settings: CookieSettings): string {
  return serialise("", 0, settings);
}

function serialise(value: string, maxAge: number, settings: CookieSettings): string {
  return stringifySetCookie({
    name: sessionCookieName(settings),
    value,
    httpOnly: true,
    sameSite: "lax",
    path: "/",
    secure: settings.isSecure,
    maxAge,
  });
}
