import type { RoomView as Room } from "@cardinal/api/schemas";
import { useState } from "react";
import type { FormEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { Field } from "../../components/ui/field.tsx";
import { Select } from "../../components/ui/select.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { useMe } from "../../lib/me.ts";
import { trpc } from "../../lib/trpc.ts";
import { showRoom } from "./show-room.ts";
import { SLOW_MODE_TEXTS, slowModeOf, slowSecondsOf } from "./slow-modes.ts";

const VISIBILITY_TEXTS = { public: "Public: whoever wants to joins", private: "Private: by invitation" } as const;

/** What a room is called and about, how fast it goes, and who sees it. */
export function RoomSettingsDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const me = useMe();
  const [name, setName] = useState(room.name);
  const [topic, setTopic] = useState(room.topic);
  const [slow, setSlow] = useState(slowModeOf(room.slowModeSec));
  const [visibility, setVisibility] = useState(room.visibility);
  const owns = room.role === "owner" || me.role === "admin";
  const update = trpc.room.update.useMutation({
    onSuccess: async (changed) => {
      await showRoom(changed);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({
      roomId: room.id,
      name,
      topic,
      slowModeSec: slowSecondsOf(slow),
      ...(visibility !== room.visibility && { visibility }),
    });
  };
  return (
    <Dialog title={`Settings of ${room.name}`} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        <Field label="Name" required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        <Field
          label="What it is about"
          maxLength={200}
          value={topic}
          onChange={(event) => setTopic(event.target.value)}
        />
        <Select
          label="Slow mode: members send one message in"
          value={slow}
          options={SLOW_MODE_TEXTS}
          onChange={setSlow}
        />
        {owns && (
          <Select label="Who sees it" value={visibility} options={VISIBILITY_TEXTS} onChange={setVisibility} />
        )}
        {update.error && (
          <p role="alert" className="text-sm text-accent">
            {faultText(update.error)}
          </p>
        )}
        <Button type="submit" look="primary" busy={update.isPending} disabled={name.trim() === ""}>
          Save
        </Button>
      </form>
    </Dialog>
  );
}
