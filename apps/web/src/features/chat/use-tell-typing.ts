import { useCallback, useRef } from "react";
import { trpc } from "../../lib/trpc.ts";

/** The others forget it after 6 s. */
const SAY_AGAIN_MS = 3_000;

/** Tells the room that the member writes, at most every 3 s while he does, and that he has stopped. */
export function useTellTyping(roomId: string): (isTyping: boolean) => void {
  const { mutate } = trpc.chat.setTyping.useMutation({ retry: false });
  const saidAt = useRef(Number.NEGATIVE_INFINITY);
  return useCallback(
    (isTyping) => {
      const isKnown = performance.now() - saidAt.current < SAY_AGAIN_MS;
      const wasTold = saidAt.current !== Number.NEGATIVE_INFINITY;
      if (isTyping ? isKnown : !wasTold) return;
      saidAt.current = isTyping ? performance.now() : Number.NEGATIVE_INFINITY;
      mutate({ roomId, isTyping });
    },
    [mutate, roomId],
  );
}
