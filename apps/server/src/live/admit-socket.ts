import { type AppDeps, readSessionCookie, type RequestSource } from "@cardinal/api";
import { isOutage } from "@cardinal/redis-core";
import { TRPCError } from "@trpc/server";
import type { WebSocket } from "ws";
import type { SocketCounts } from "./socket-counts.ts";

interface SocketToAdmit {
  readonly deps: AppDeps;
  readonly counts: SocketCounts;
  readonly socket: WebSocket;
  readonly source: RequestSource;
  readonly mustBeMember: boolean;
}

/**
 * Decides once whether a socket may stay; every call over it is verified again. Throwing closes it, after the error
 * has been sent. An outage is not "not signed in": it says so, and the client comes back.
 *
 * @throws {TRPCError} UNAUTHORIZED, TOO_MANY_REQUESTS or SERVICE_UNAVAILABLE
 */
export async function admitSocket({ deps, counts, socket, source, mustBeMember }: SocketToAdmit): Promise<void> {
  const token = tokenOf(deps, source);
  const session = token === undefined ? null : await verify(deps, token);
  if (session === null) {
    if (mustBeMember) {
      throw new TRPCError({ code: "UNAUTHORIZED", message: "Send a session token as the parameter `token`." });
    }
    return;
  }
  if (socket.readyState === socket.OPEN && !counts.add(session.userId, socket)) {
    throw new TRPCError({ code: "TOO_MANY_REQUESTS", message: "Too many open connections." });
  }
}

async function verify(deps: AppDeps, token: string) {
  try {
    return await deps.sessions.verify(token);
  } catch (error) {
    if (isOutage(error)) {
      throw new TRPCError({ code: "SERVICE_UNAVAILABLE", message: "Try again shortly.", cause: error });
    }
    throw error;
  }
}

function tokenOf(deps: AppDeps, source: RequestSource): string | undefined {
  const bearer = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(String(source.headers["authorization"] ?? ""))?.[1];
  const cookie = source.headers["cookie"];
  return (
    bearer ??
    source.connectionToken ??
    readSessionCookie(Array.isArray(cookie) ? cookie.join("; ") : cookie, deps.config)
  );
}
