import { sanctionQueries, type WriteTransaction } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { ringMember } from "../../live/ring-control.ts";
import type { RoomBans } from "../../routers/room/schemas.ts";
import { requireModeration } from "../room/require-moderation.ts";
import { imposeInRoom, liftMeasure } from "./impose.ts";

type SanctionDeps = Pick<AppDeps, "db" | "now" | "doorbells" | "log">;

interface OnMember {
  readonly actorId: string;
  readonly roomId: string;
  readonly userId: string;
}

interface Imposed extends OnMember {
  /** Null: until it is lifted. */
  readonly forSec: number | null;
  readonly reason: string;
}

const MOST_BANS = 200;

/**
 * Lets a member read a room and write nothing in it. Asked for again within a minute it changes nothing; later, or with
 * another duration, it begins anew. It outlasts leaving and coming back.
 *
 * @throws {RoomNotFound} {NotAMember} {DirectRoom} {NotYourRoom} {UserNotFound} {Outranked}
 */
export function muteMember(deps: SanctionDeps, input: Imposed): Promise<void> {
  return act(deps, input, (tx, nowMs) => imposeInRoom(tx, { ...input, kind: "mute", nowMs }));
}

/** Lets him write again. Doing it again changes nothing. @throws as `muteMember` */
export function unmuteMember(deps: SanctionDeps, input: OnMember): Promise<void> {
  return act(deps, input, (tx, nowMs) => liftMeasure(tx, { ...input, kind: "mute", nowMs }));
}

/**
 * Puts somebody out of a room and keeps him out: he neither joins nor is brought in, and his streams of the room end at
 * once. Also for who is not in the room. Repeated as a mute is.
 *
 * @throws as `muteMember`
 */
export function banMember(deps: SanctionDeps, input: Imposed): Promise<void> {
  return act(deps, input, (tx, nowMs) => imposeInRoom(tx, { ...input, kind: "ban", nowMs }));
}

/** Lets him come back. Doing it again changes nothing. @throws as `muteMember` */
export function unbanMember(deps: SanctionDeps, input: OnMember): Promise<void> {
  return act(deps, input, (tx, nowMs) => liftMeasure(tx, { ...input, kind: "ban", nowMs }));
}

/** Who is kept out of a room now. @throws as `muteMember` */
export async function listBans(
  deps: Pick<AppDeps, "db" | "now">,
  { actorId, roomId }: Omit<OnMember, "userId">,
): Promise<RoomBans> {
  const standing = await deps.db.read((tx) => {
    requireModeration(tx, roomId, actorId);
    return sanctionQueries.listStanding(tx, { roomId, kind: "ban", nowMs: deps.now(), limit: MOST_BANS });
  });
  return {
    bans: standing.map(({ user, reason, createdAtMs, expiresAtMs }) => ({
      user,
      createdAtMs,
      untilMs: expiresAtMs,
      why: reason,
    })),
  };
}

async function act(
  deps: SanctionDeps,
  { actorId, roomId, userId }: OnMember,
  work: (tx: WriteTransaction, nowMs: number) => void,
): Promise<void> {
  await deps.db.write((tx) => {
    requireModeration(tx, roomId, actorId);
    work(tx, deps.now());
  });
  ringMember(deps, roomId, userId);
}
