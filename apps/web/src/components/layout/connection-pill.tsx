import { Link, useLocation } from "@tanstack/react-router";
import clsx from "clsx";
import { LoaderCircle, Radio, RotateCw, WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { paths } from "../../app/paths.ts";
import { live } from "../../lib/api-client.ts";
import { sessionExpired } from "../../lib/session-state.ts";
import { useStore } from "../../lib/store.ts";
import { useConnection, useIsAway } from "../../lib/use-connection.ts";

function useSecondsUntil(atMs: number | null): number | null {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    if (atMs === null) return undefined;
    const timer = setInterval(() => setNowMs(Date.now()), 500);
    return () => clearInterval(timer);
  }, [atMs]);
  const seconds = atMs === null ? 0 : Math.ceil((atMs - nowMs) / 1_000);
  return seconds > 0 ? seconds : null;
}

const BASE = "inline-flex min-h-8 items-center gap-2 rounded-full px-3 text-sm font-medium whitespace-nowrap";

/** Tells whether what is on the page is live, in words, shape and colour. */
export function ConnectionPill() {
  const { state, retryAtMs } = useConnection();
  const isAway = useIsAway();
  const isExpired = useStore(sessionExpired);
  const seconds = useSecondsUntil(isAway ? retryAtMs : null);
  const { href } = useLocation();

  if (isExpired) {
    return (
      <div role="status" className={clsx(BASE, "bg-warn-wash text-warn")}>
        Session expired
        <Link
          to={paths.signIn}
          search={{ next: href }}
          className="font-semibold underline underline-offset-2"
        >
          Sign in
        </Link>
      </div>
    );
  }
  if (state === "offline") {
    return (
      <div role="status" className={clsx(BASE, "bg-warn-wash text-warn")}>
        <WifiOff aria-hidden="true" className="size-4" />
        Offline
      </div>
    );
  }
  if (isAway) {
    return (
      <div className={clsx(BASE, "bg-warn-wash text-warn")}>
        <span role="status" className="inline-flex items-center gap-2">
          <LoaderCircle aria-hidden="true" className="size-4 animate-spin" />
          Reconnecting
        </span>
        {seconds !== null && <span className="tabular-nums">in {seconds} s</span>}
        <button
          type="button"
          onClick={() => live.restart()}
          className="inline-flex min-h-6 items-center gap-1 font-semibold underline underline-offset-2"
        >
          <RotateCw aria-hidden="true" className="size-3.5" />
          Retry now
        </button>
      </div>
    );
  }
  // A break of less than two seconds stays unsaid: what is on the page is no older than that.
  const isLive = state === "live" || state === "reconnecting";
  const Icon = isLive ? Radio : LoaderCircle;
  return (
    <div role="status" className={clsx(BASE, isLive ? "text-ok" : "text-ink-faint")}>
      <Icon aria-hidden="true" className="size-4" />
      {isLive ? "Live" : "Connecting"}
    </div>
  );
}
