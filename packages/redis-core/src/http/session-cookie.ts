import { parseCookie, stringifySetCookie } from "cookie";
import { Misuse } from "../errors.ts";
import type { Session } from "../sessions/index.ts";

export interface SessionCookieOptions {
  /** Default `sid`. Over https the browser sees it with `__Host-` in front. */
  readonly name?: string;
  /**
   * Whether the public address is https. Then the cookie is `Secure` and `__Host-`, so that the browser takes it
   * from no other host, path or plain connection. `false` is for development on localhost. Default true.
   */
  readonly isSecure?: boolean;
  /** Default `lax`. */
  readonly sameSite?: "lax" | "strict";
}

/**
 * The cookie that holds a session's token: `HttpOnly`, `SameSite=Lax`, `Path=/`, no `Domain`. Its `Max-Age` is what the
 * session had left when its expiry was written, by Redis' clock alone, rounded up to a second.
 */
export class SessionCookie {
  /** As the browser sees it. */
  readonly name: string;
  readonly #isSecure: boolean;
  readonly #sameSite: "lax" | "strict";

  /** @throws {Misuse} for a name that is no cookie's. */
  constructor({ name = "sid", isSecure = true, sameSite = "lax" }: SessionCookieOptions = {}) {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
      throw new Misuse(`a cookie's name is 1 to 64 letters, digits, "_", "." or "-", got "${name}"`);
    }
    this.name = isSecure ? `__Host-${name}` : name;
    this.#isSecure = isSecure;
    this.#sameSite = sameSite;
  }

  /** The token in a `Cookie` header. */
  read(header: string | undefined): string | undefined {
    return header === undefined ? undefined : parseCookie(header)[this.name] || undefined;
  }

  /** The `Set-Cookie` value for a session that was just made, rotated or touched: its last use is now. */
  write(token: string, { expiresAtMs, lastSeenAtMs }: Session<unknown>): string {
    return this.#serialise(token, Math.max(0, Math.ceil((expiresAtMs - lastSeenAtMs) / 1_000)));
  }

  /** The `Set-Cookie` value that makes the browser forget it. */
  clear(): string {
    return this.#serialise("", 0);
  }

  #serialise(value: string, maxAge: number): string {
    const always = { httpOnly: true, path: "/", secure: this.#isSecure, sameSite: this.#sameSite };
    return stringifySetCookie({ name: this.name, value, maxAge, ...always });
  }
}
