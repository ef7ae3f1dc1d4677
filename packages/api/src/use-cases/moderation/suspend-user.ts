import type { AppDeps } from "../../deps/app-deps.ts";
import { imposeOnSite, liftMeasure } from "./impose.ts";
import { requireAdmin } from "./require-rank.ts";

interface OnUser {
  readonly actorId: string;
  readonly userId: string;
}

type SuspendDeps = Pick<AppDeps, "db" | "now" | "sessions" | "log">;

/**
 * Keeps a member off the whole site: his sessions and streams end at once, on every process, and he cannot sign in,
 * until the time is over or it is lifted. Sessions are revoked in the transaction of the suspension, so that a process
 * killed in between leaves none alive. Repeated as a mute is.
 *
 * @throws {NotAnAdmin} {UserNotFound}
 * @throws {Outranked} for another admin.
 */
export async function suspendUser(
  deps: SuspendDeps,
  input: OnUser & { readonly forSec: number | null; readonly reason: string },
): Promise<void> {
  await deps.db.write((tx) => imposeOnSite(tx, { ...input, nowMs: deps.now() }));
  await endSessions(deps, input.userId);
}

/** Lets a member sign in again. Doing it again changes nothing. @throws {NotAnAdmin} */
export async function unsuspendUser(deps: Pick<AppDeps, "db" | "now">, input: OnUser): Promise<void> {
  await deps.db.write((tx) => {
    requireAdmin(tx, input.actorId);
    liftMeasure(tx, { ...input, kind: "ban", roomId: null, nowMs: deps.now() });
  });
}

/** After the commit: Redis, and every process that holds a stream of his, hear of it. The record is already right. */
export async function endSessions(deps: Pick<AppDeps, "sessions" | "log">, userId: string): Promise<void> {
  await deps.sessions.revokeAll(userId).catch((error: unknown) => {
    deps.log.warn({ err: error, userId }, "a suspended member's sessions are yet to be told to Redis");
  });
}
