import type { Message } from "@cardinal/api/schemas";
import { useMemo } from "react";
import { api } from "../../lib/api-client.ts";
import { trpc } from "../../lib/trpc.ts";
import type { RoomFeed } from "./room-feed.ts";

/** What a member can do to messages that stand. Each shows its result at once; `fault` says what went wrong last. */
export interface MessageChanges {
  edit(message: Message, body: string): void;
  remove(message: Message): void;
  react(message: Message, emoji: string, on: boolean): void;
  pin(message: Message, on: boolean): void;
}

export function useMessageChanges(feed: RoomFeed): { changes: MessageChanges; fault: unknown; forget: () => void } {
  const options = { onSuccess: ({ message }: { message: Message }) => feed.replaceChanged(message) };
  const { mutate: edit, ...editing } = trpc.chat.edit.useMutation(options);
  const { mutate: remove, ...removing } = trpc.chat.remove.useMutation(options);
  const { mutate: react, ...reacting } = trpc.chat.react.useMutation(options);
  const { mutate: pin, ...pinning } = trpc.chat.pin.useMutation({
    onSuccess: ({ message }) => {
      feed.replaceChanged(message);
      void api.chat.pins.invalidate({ roomId: message.roomId });
    },
  });
  const changes = useMemo(
    (): MessageChanges => ({
      edit: ({ id }, body) => edit({ messageId: id, body }),
      remove: ({ id }) => remove({ messageId: id }),
      react: ({ id }, emoji, on) => react({ messageId: id, emoji, on }),
      pin: ({ id }, on) => pin({ messageId: id, on }),
    }),
    [edit, remove, react, pin],
  );
  const forget = () => [editing, removing, reacting, pinning].forEach(({ reset }) => reset());
  return { changes, fault: editing.error ?? removing.error ?? reacting.error ?? pinning.error, forget };
}
