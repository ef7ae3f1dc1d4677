import { useEffect, useRef } from "react";
import { v4 as uuid } from "uuid";
import { trpc } from "../../lib/trpc.ts";

/** Counts each page the member opens. What cannot be counted is nobody's business. */
export function useTrackViews(path: string): void {
  const { mutate } = trpc.analytics.track.useMutation();
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (last.current === path) return;
    mutate({
      path,
      viewId: uuid(),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      referrer: last.current === null ? document.referrer : null,
    });
    last.current = path;
  }, [path, mutate]);
}
