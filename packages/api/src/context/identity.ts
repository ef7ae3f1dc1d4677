import { isOutage } from "@cardinal/redis-core";
import type { Session } from "@cardinal/redis-core/sessions";
import type { AppDeps, SessionData } from "../deps/app-deps.ts";
import { RedisAway } from "../errors/domain-errors.ts";
import { headerOf, type RequestSource } from "./request-source.ts";
import type { ResponseNotes } from "./response-notes.ts";
import { clearSessionCookie, readSessionCookie, writeSessionCookie } from "./session-cookie.ts";

/** Who calls: a member, nobody, or someone whose token is no session (any more, or never was). */
export type Identity =
  | {
      readonly kind: "member";
      readonly userId: string;
      readonly token: string;
      readonly session: Session<SessionData>;
    }
  | { readonly kind: "anonymous" }
  | { readonly kind: "expired" };

/**
 * Finds the caller by `Authorization: Bearer`, a WebSocket's connection parameter, or the cookie, in this
 * order. A cookie whose session moved its expiry is sent again; one without a session is cleared.
 *
 * @throws {RedisAway} when neither Redis nor the durable record can say. An outage is never "not signed in".
 */
export async function identify(
  deps: AppDeps,
  source: RequestSource,
  response: ResponseNotes,
): Promise<Identity> {
  const bearer = bearerToken(headerOf(source, "authorization")) ?? source.connectionToken;
  const cookie = readSessionCookie(headerOf(source, "cookie"), deps.config);
  const token = bearer ?? cookie;
  if (token === undefined) {
    return { kind: "anonymous" };
  }
  const session = await verify(deps, token);
  const isByCookie = bearer === undefined;
  if (session === null) {
    if (isByCookie) {
      response.setCookie("session", clearSessionCookie(deps.config));
    }
    return { kind: "expired" };
  }
  if (isByCookie && deps.expiries.hasMoved(session)) {
    response.setCookie("session", writeSessionCookie(token, session.expiresAtMs - deps.now(), deps.config));
  }
  return { kind: "member", userId: session.userId, token, session };
}

async function verify(deps: AppDeps, token: string): Promise<Session<SessionData> | null> {
  try {
    return await deps.sessions.verify(token);
  } catch (error) {
    throw isOutage(error) ? new RedisAway(error) : error;
  }
}

function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
}
