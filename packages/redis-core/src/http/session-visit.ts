import type {
  CreateSession,
  IssuedSession,
  Session,
  Sessions,
  VerifiedSession,
} from "../sessions/index.ts";
import type { SessionCookie } from "./session-cookie.ts";

/** One request, as far as its session goes. What it does to the cookie is done by the adapter that made it. */
export interface SessionVisit<Data> {
  /** The live session the request came with. After `signIn`, `rotate`, `update`, `signOut` the one it goes on with. */
  readonly session: Session<Data> | null;
  /** The token the visitor is to go on with. Belongs in no log. */
  readonly token: string | null;
  /**
   * Ends the session the request came with, signs in, and sets the cookie, so that nobody goes on with a token from
   * before. `handOver: "token"` sets no cookie: for programs that are answered with the token itself. Two round
   * trips where there was a session, else one.
   */
  signIn(
    session: CreateSession<Data>,
    options?: { readonly handOver?: "cookie" | "token" },
  ): Promise<IssuedSession<Data>>;
  /** Ends the session and makes the browser forget it. One round trip; none without a session. */
  signOut(): Promise<void>;
  /** Replaces the token, as after a change of privilege. Null when another request was first, or none is alive. */
  rotate(): Promise<Session<Data> | null>;
  /** As `Sessions.update`. */
  update(patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null>;
  /** As `Sessions.revokeOthers`. */
  revokeOthers(): Promise<number>;
}

export interface VisitParts<Data> {
  readonly sessions: Sessions<Data>;
  readonly cookie: SessionCookie;
  /** Whether `Authorization: Bearer <token>` counts as well. */
  readonly takesBearer: boolean;
}

export interface VisitHeaders {
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

/** The token a request came with, and how. A bearer's wins over the cookie's. */
export function findToken(
  { cookie, takesBearer }: Pick<VisitParts<unknown>, "cookie" | "takesBearer">,
  headers: VisitHeaders,
): { readonly token: string; readonly isByCookie: boolean } | null {
  const bearer = takesBearer ? /^bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] : undefined;
  const token = bearer ?? cookie.read(headers.cookie);
  return token === undefined ? null : { token, isByCookie: bearer === undefined };
}

/**
 * Reads a request's session. The cookie is set again whenever the verification moved the expiry, and the token is
 * rotated when `rotateEvery` says so; a bearer's never is, for nobody would hand the new one over. A cookie whose
 * session is dead is left alone: clearing it could hit the one that a sign-in under way is about to set.
 */
export async function openVisit<Data>(
  parts: VisitParts<Data>,
  headers: VisitHeaders,
  setCookie: (value: string) => void,
): Promise<SessionVisit<Data>> {
  const found = findToken(parts, headers);
  const session = found && (await parts.sessions.verify(found.token));
  const isByCookie = found?.isByCookie ?? true;
  const visit = new Visit(parts, session && (found?.token ?? null), session, {
    setCookie,
    hasCookie: parts.cookie.read(headers.cookie) !== undefined,
    isByCookie,
  });
  if (session && isByCookie) {
    await visit.keepUp(session);
  }
  return visit;
}

interface Browser {
  setCookie(value: string): void;
  /** Whether it sent one, dead or alive. */
  readonly hasCookie: boolean;
  /** Whether the session was read from it. */
  readonly isByCookie: boolean;
}

class Visit<Data> implements SessionVisit<Data> {
  readonly #parts: VisitParts<Data>;
  readonly #browser: Browser;
  token: string | null;
  session: Session<Data> | null;

  constructor(
    parts: VisitParts<Data>,
    token: string | null,
    session: Session<Data> | null,
    browser: Browser,
  ) {
    this.#parts = parts;
    this.#browser = browser;
    this.token = token;
    this.session = session;
  }

  /** What the verification asks of whoever answers the browser. */
  async keepUp({ isTouched, isRotationDue, ...session }: VerifiedSession<Data>): Promise<void> {
    const isRotated = isRotationDue && (await this.rotate()) !== null;
    if (isTouched && !isRotated && this.token !== null) {
      this.#browser.setCookie(this.#parts.cookie.write(this.token, session));
    }
  }

  async signIn(
    create: CreateSession<Data>,
    { handOver = "cookie" }: { readonly handOver?: "cookie" | "token" } = {},
  ): Promise<IssuedSession<Data>> {
    if (this.token !== null) {
      await this.#parts.sessions.revoke(this.token);
    }
    const issued = await this.#parts.sessions.create(create);
    this.#goOn(issued, handOver === "cookie");
    return issued;
  }

  async signOut(): Promise<void> {
    if (this.token !== null) {
      await this.#parts.sessions.revoke(this.token);
    }
    if (this.#browser.hasCookie || this.token !== null) {
      this.#browser.setCookie(this.#parts.cookie.clear());
    }
    this.token = null;
    this.session = null;
  }

  async rotate(): Promise<Session<Data> | null> {
    const issued = this.token === null ? null : await this.#parts.sessions.rotate(this.token);
    if (issued) {
      this.#goOn(issued, this.#browser.isByCookie);
    }
    return issued && issued.session;
  }

  async update(patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null> {
    const updated = this.token === null ? null : await this.#parts.sessions.update(this.token, patch);
    this.session = updated;
    return updated;
  }

  async revokeOthers(): Promise<number> {
    return this.token === null ? 0 : await this.#parts.sessions.revokeOthers(this.token);
  }

  #goOn({ token, session }: IssuedSession<Data>, setsCookie: boolean): void {
    this.token = token;
    this.session = session;
    if (setsCookie) {
      this.#browser.setCookie(this.#parts.cookie.write(token, session));
    }
  }
}
