import { liveStream } from "../../live/live-stream.ts";
import { whileMember } from "../../live/member-watch.ts";
import { streamPresence } from "../../live/presence-stream.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { memberProcedure } from "../../trpc.ts";
import { requirePresenceRoom } from "../../use-cases/presence/require-presence-room.ts";
import { presenceOnChangeInput, type PresenceOnChangeFrame } from "./schemas.ts";

export const onChange = memberProcedure
  .meta({ limit: "subscribe" })
  .input(presenceOnChangeInput)
  .output(streamOutput<PresenceOnChangeFrame>())
  .subscription(async ({ ctx, input, signal }) => {
    const { deps } = ctx.request;
    const { userId } = ctx.member;
    await requirePresenceRoom(deps, { room: input.room, userId });
    const entry = { room: input.room, userId, connectionId: deps.newId(), page: input.page };
    const { live } = deps;
    return liveStream(ctx.request, ctx.member, signal, (scope) =>
      input.room === "site"
        ? streamPresence(live, entry, scope)
        : whileMember(live.members, { roomId: input.room, userId }, scope, () => streamPresence(live, entry, scope)),
    );
  });
