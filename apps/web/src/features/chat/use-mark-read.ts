import { useEffect, useRef } from "react";
import { api } from "../../lib/api-client.ts";
import { trpc } from "../../lib/trpc.ts";

const PAUSE_MS = 800;

/** Tells the server how far the member has read, once he sees the end and the page is in front. */
export function useMarkRead(roomId: string, lastNumber: number | null, isAtEnd: boolean): void {
  const told = useRef(0);
  const { mutate } = trpc.chat.markRead.useMutation({
    onSuccess: () => {
      api.room.list.setData(
        undefined,
        (list) =>
          list && { rooms: list.rooms.map((room) => (room.id === roomId ? { ...room, unread: 0 } : room)) },
      );
      // The room itself says where reading began when it is opened again.
      void api.room.get.invalidate(undefined, { refetchType: "none" });
    },
  });
  useEffect(() => {
    if (lastNumber === null || !isAtEnd) return undefined;
    const tell = () => {
      if (document.visibilityState !== "visible" || lastNumber <= told.current) return;
      told.current = lastNumber;
      mutate({ roomId, number: lastNumber });
    };
    const timer = setTimeout(tell, PAUSE_MS);
    document.addEventListener("visibilitychange", tell);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [roomId, lastNumber, isAtEnd, mutate]);
}
