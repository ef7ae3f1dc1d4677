import type { RoomView as Room } from "@cardinal/api/schemas";
import { Pin } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { trpc } from "../../lib/trpc.ts";

const PinsDialog = lazy(async () => ({ default: (await import("./pins-dialog.tsx")).PinsDialog }));

/** How many messages of a room are pinned, and the way to them. Nothing where none is. */
export function PinsButton({ room }: { room: Room }) {
  const { data } = trpc.chat.pins.useQuery({ roomId: room.id });
  const [isOpen, setOpen] = useState(false);
  const count = data?.messages.length ?? 0;
  if (count === 0) return null;
  return (
    <>
      <Button
        small
        look="quiet"
        aria-label={`${count} pinned ${count === 1 ? "message" : "messages"}`}
        onClick={() => setOpen(true)}
      >
        <Pin aria-hidden="true" className="size-4" />
        <span className="tabular-nums">{count}</span>
      </Button>
      {isOpen && (
        <Suspense>
          <PinsDialog room={room} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
