import type { Sanction } from "@cardinal/api/schemas";
import { useEffect } from "react";
import { api } from "../../lib/api-client.ts";

const LONGEST_TIMER_MS = 2_147_000_000;

/** Asks for the room again when a measure ends. */
export function useSanctionEnd(sanction: Sanction | null): void {
  const untilMs = sanction?.untilMs ?? null;
  useEffect(() => {
    if (untilMs === null) return undefined;
    const waitMs = Math.min(LONGEST_TIMER_MS, Math.max(0, untilMs - Date.now()) + 300);
    const timer = setTimeout(() => void api.room.get.invalidate(), waitMs);
    return () => clearTimeout(timer);
  }, [untilMs]);
}
