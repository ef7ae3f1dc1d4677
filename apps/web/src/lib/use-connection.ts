import type { ConnectionSnapshot } from "@cardinal/client/connection";
import { useEffect, useState, useSyncExternalStore } from "react";
import { live } from "./api-client.ts";

const QUIET_MS = 2_000;

const subscribe = (listener: () => void) => live.connection.subscribe(listener);
const getSnapshot = () => live.connection.snapshot;

/** The live connection as it is, at once. */
export function useConnection(): ConnectionSnapshot {
  return useSyncExternalStore(subscribe, getSnapshot);
}

/** Whether the connection has been away for two seconds: shorter breaks are nobody's business. */
export function useIsAway(): boolean {
  const { state, sinceMs } = useConnection();
  const isDown = state === "reconnecting" || state === "connecting";
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!isDown) return undefined;
    const timer = setTimeout(() => setLate(true), Math.max(0, sinceMs + QUIET_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [isDown, sinceMs]);
  return state === "offline" || (isDown && isLate);
}
