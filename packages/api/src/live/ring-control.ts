import type { AppDeps } from "../deps/app-deps.ts";
import type { Control } from "../deps/doorbells.ts";
import { ringInbox } from "../use-cases/inbox/tell-member.ts";

type RingDeps = Pick<AppDeps, "doorbells" | "log">;

/**
 * After the commit: what a member may do in a room has changed. Streams he may not have any more end on every process,
 * and his open pages look again. Nobody waits for it; a lost message costs 6 s.
 */
export function ringMember(deps: RingDeps, roomId: string, userId: string): void {
  ring(deps, { about: "member", roomId, userId });
  ringInbox(deps, [userId], "rooms");
}

/** After the commit: a room is kept in another way. The pages that have it open look again. */
export function ringRoomChange(deps: RingDeps, roomId: string): void {
  ring(deps, { about: "room", roomId });
}

function ring({ doorbells, log }: RingDeps, control: Control): void {
  doorbells
    .control()
    .publish(control)
    .catch((error: unknown) => log.warn({ err: error, ...control }, "the control doorbell could not be rung"));
}
