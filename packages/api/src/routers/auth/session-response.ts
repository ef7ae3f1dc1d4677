import type { RequestContext } from "../../context/request-context.ts";
import { headerOf } from "../../context/request-source.ts";
import { clearSessionCookie, writeSessionCookie } from "../../context/session-cookie.ts";
import type { SignedIn } from "../../use-cases/auth/sign-up.ts";
import { toMeView } from "../../use-cases/user/user-view.ts";
import type { SignInOutput } from "./schemas.ts";

/**
 * Hands a new session over: as a token to programs that asked for one, else as a cookie. A session the request came
 * with is ended, so that nobody goes on with the token from before the sign-in.
 */
export async function handOverSession(
  request: RequestContext,
  { user, issued }: SignedIn,
  issueToken: boolean,
): Promise<SignInOutput> {
  const { deps } = request;
  const before = await request.identity();
  if (before.kind === "member" && !issueToken) {
    await deps.sessions.revoke(before.token);
  }
  const { expiresAtMs } = issued.session;
  const answer = { user: toMeView(user), expiresAtMs };
  if (issueToken) {
    return { ...answer, token: issued.token };
  }
  const cookie = writeSessionCookie(issued.token, expiresAtMs - deps.now(), deps.config);
  request.response.setCookie("session", cookie);
  return answer;
}

/** Ends the session the request came with, and has the browser forget its cookie. */
export async function endSession(request: RequestContext): Promise<void> {
  const identity = await request.identity();
  if (identity.kind === "member") {
    await request.deps.sessions.revoke(identity.token);
  }
  if (headerOf(request.source, "cookie") !== undefined) {
    request.response.setCookie("session", clearSessionCookie(request.deps.config));
  }
}

/** Where the caller signs in from, as lists of sessions show it. */
export function deviceOf(request: RequestContext): { userAgent: string; address: string } {
  return {
    userAgent: (headerOf(request.source, "user-agent") ?? "").slice(0, 256),
    address: request.address,
  };
}
