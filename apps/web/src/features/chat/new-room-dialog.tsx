import type { RoomView as Room } from "@cardinal/api/schemas";
import { useId, useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { Field } from "../../components/ui/field.tsx";
import { api } from "../../lib/api-client.ts";
import { faultText } from "../../lib/fault-text.ts";
import { trpc } from "../../lib/trpc.ts";

export interface NewRoomDialogProps {
  onClose: () => void;
  onCreated: (room: Room) => void;
}

/** Opens a room, for everybody or for those who are brought in. */
export function NewRoomDialog({ onClose, onCreated }: NewRoomDialogProps) {
  const id = useId();
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const create = trpc.room.create.useMutation({
    onSuccess: async (room) => {
      api.room.get.setData({ slug: room.slug }, room);
      await api.room.list.invalidate();
      onCreated(room);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, topic, visibility: isPrivate ? "private" : "public" });
  };
  return (
    <Dialog title="A new room" onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        <Field label="Name" required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        <Field
          label="What it is about"
          maxLength={200}
          value={topic}
          onChange={(event) => setTopic(event.target.value)}
        />
        <div className="flex items-start gap-3">
          <input
            id={id}
            type="checkbox"
            aria-describedby={`${id}-hint`}
            checked={isPrivate}
            onChange={(event) => setPrivate(event.target.checked)}
            className="mt-1 size-4 accent-[var(--color-accent-fill)]"
          />
          <div>
            <label htmlFor={id} className="font-medium">
              Private
            </label>
            <p id={`${id}-hint`} className="text-sm text-ink-faint">
              Seen only by those you bring in.
            </p>
          </div>
        </div>
        {create.error && (
          <p role="alert" className="text-sm text-accent">
            {faultText(create.error)}
          </p>
        )}
        <Button type="submit" look="primary" busy={create.isPending} disabled={name.trim() === ""}>
          Open the room
        </Button>
      </form>
    </Dialog>
  );
}
