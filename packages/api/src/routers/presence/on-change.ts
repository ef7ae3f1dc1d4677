import { whileMember } from "../../live/member-watch.ts";
import { openPresenceFeed } from "../../live/presence-feed.ts";
import { PushStream } from "../../live/push-stream.ts";
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
    const { room } = input;
    return new PushStream<PresenceOnChangeFrame>(ctx.request, ctx.member, signal, (sink) =>
      room === "site"
        ? openPresenceFeed(live, entry, sink)
        : whileMember(live.members, { roomId: room, userId }, sink, (isOut) =>
            openPresenceFeed(live, entry, sink, isOut),
          ),
    );
  });
