import { Misuse } from "../errors.ts";
import { SessionCookie, type SessionCookieOptions } from "../http/session-cookie.ts";
import { findToken, openVisit, type SessionVisit, type VisitHeaders } from "../http/session-visit.ts";
import type { Sessions, VerifiedSession } from "../sessions/index.ts";
import { answerJson, headerOf, type HttpRequest, type HttpResponse, type Next } from "./http-types.ts";

export interface ExpressSessionsOptions {
  readonly cookie?: SessionCookieOptions;
  /** Whether `Authorization: Bearer <token>` counts as well as the cookie. Default false. */
  readonly takesBearer?: boolean;
}

/** Sessions as an Express app uses them. */
export interface ExpressSessions<Data> {
  /**
   * Reads the session of each request and keeps its cookie in step with it. One round trip for a request with a
   * well-formed token, none without one. Without Redis it passes the outage on, for `answerOutage`.
   */
  readonly middleware: (request: HttpRequest, response: HttpResponse, next: Next) => Promise<void>;
  /** Lets only requests with a live session through; the others get 401. Comes after `middleware`. */
  readonly required: (request: HttpRequest, response: HttpResponse, next: Next) => void;
  /**
   * The request's session, and what it can do: sign in, sign out …
   *
   * @throws {Misuse} where `middleware` has not run.
   */
  of(request: HttpRequest): SessionVisit<Data>;
  /**
   * The session of a request that has no response to set a cookie on: an upgrade to WebSocket. One round trip. Rejects
   * with the outage where Redis is away.
   */
  verify(request: HttpRequest): Promise<VerifiedSession<Data> | null>;
}

/**
 * Sessions for Express 4 and 5, Connect and plain `node:http`. Nothing is added to the request: `of` finds its visit.
 *
 * @example
 * const auth = expressSessions(sessions);
 * app.use(auth.middleware);
 * app.post("/sign-in", async (req, res) => {
 *   await auth.of(req).signIn({ userId: await checkPassword(req.body), data: { role: "member" } });
 *   res.status(204).end();
 * });
 * app.get("/me", auth.required, (req, res) => res.json(auth.of(req).session));
 * app.use(answerOutage);
 */
export function expressSessions<Data>(
  sessions: Sessions<Data>,
  options: ExpressSessionsOptions = {},
): ExpressSessions<Data> {
  const cookie = new SessionCookie(options.cookie);
  const parts = { sessions, cookie, takesBearer: options.takesBearer ?? false };
  const visits = new WeakMap<HttpRequest, SessionVisit<Data>>();

  const of = (request: HttpRequest) => {
    const visit = visits.get(request);
    if (!visit) {
      throw new Misuse("the sessions' middleware has not run for this request");
    }
    return visit;
  };
  const read = async (request: HttpRequest, response: HttpResponse) => {
    const visit = await openVisit(parts, headersOf(request), (value) => {
      setCookie(response, cookie.name, value);
    });
    visits.set(request, visit);
  };
  return {
    of,
    verify: async (request) => {
      const token = findToken(parts, headersOf(request))?.token;
      return token === undefined ? null : await sessions.verify(token);
    },
    middleware: async (request, response, next) => {
      try {
        await read(request, response);
      } catch (error) {
        next(error);
        return;
      }
      next();
    },
    required: (request, response, next) => {
      if (of(request).session) {
        next();
      } else {
        answerJson(response, 401, '{"error":"UNAUTHORIZED"}');
      }
    },
  };
}

function headersOf(request: HttpRequest): VisitHeaders {
  return { cookie: headerOf(request, "cookie"), authorization: headerOf(request, "authorization") };
}

/** Of several that one response sets, the browser shall see the last only; and a cache shall keep none. */
function setCookie(response: HttpResponse, name: string, value: string): void {
  const present = response.getHeader("Set-Cookie") ?? [];
  const others = [present].flat().map(String).filter((each) => !each.startsWith(`${name}=`));
  response.setHeader("Set-Cookie", [...others, value]);
  if (response.getHeader("Cache-Control") === undefined) {
    response.setHeader("Cache-Control", "no-store");
  }
}
