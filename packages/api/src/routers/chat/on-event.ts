import { whileMember } from "../../live/member-watch.ts";
import { PushStream } from "../../live/push-stream.ts";
import { parseRoomCursor } from "../../live/room-cursor.ts";
import { RoomFeed } from "../../live/room-feed.ts";
import { streamOutput } from "../../live/stream-output.ts";
import { memberProcedure } from "../../trpc.ts";
import { requireMembership } from "../../use-cases/room/require-membership.ts";
import { chatOnEventInput, type ChatOnEventFrame } from "./schemas.ts";

export const onEvent = memberProcedure
  .meta({ limit: "subscribe" })
  .input(chatOnEventInput)
  .output(streamOutput<ChatOnEventFrame>())
  .subscription(async ({ ctx, input, signal }) => {
    const { deps } = ctx.request;
    const { userId } = ctx.member;
    const { roomId } = input;
    const text = input.lastEventId ?? input.cursor;
    const cursor = text == null ? null : parseRoomCursor(text);
    await deps.db.read((tx) => requireMembership(tx, roomId, userId));
    const feed = { roomId, userId, cursor, telemetry: deps.telemetry };
    const { rooms, members } = deps.live;
    return new PushStream<ChatOnEventFrame>(ctx.request, ctx.member, signal, (sink) =>
      whileMember(members, feed, sink, () => RoomFeed.open(rooms, feed, sink)),
    );
  });
