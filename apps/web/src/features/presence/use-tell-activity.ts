import { useEffect } from "react";
import { live } from "../../lib/api-client.ts";
import { pageId, watchActivity } from "../../lib/page-activity.ts";
import type { PageActivity } from "../../lib/page-activity.ts";
import { trpc } from "../../lib/trpc.ts";

/** Tells the others whether the member is active, idle or away, and again when the connection is back. */
export function useTellActivity(): void {
  const { mutate } = trpc.presence.setState.useMutation({ retry: false });
  useEffect(() => {
    let activity: PageActivity = "active";
    const stopWatching = watchActivity((next) => {
      activity = next;
      mutate({ page: pageId, state: next });
    });
    // A server that did not know this page takes it for active.
    let wasLive = true;
    const stopListening = live.connection.subscribe(() => {
      const isLive = live.connection.state === "live";
      if (isLive && !wasLive && activity !== "active") mutate({ page: pageId, state: activity });
      wasLive = isLive;
    });
    return () => {
      stopWatching();
      stopListening();
    };
  }, [mutate]);
}
