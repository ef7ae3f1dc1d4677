import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { EmptyState, ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { api } from "../../lib/api-client.ts";
import { faultText } from "../../lib/fault-text.ts";
import { formatFull } from "../../lib/format-time.ts";
import { trpc } from "../../lib/trpc.ts";
import { AUDIT_TEXTS } from "./action-texts.ts";

/** Who did what to whom, when and why; newest first. Of one room, or (for admins) of the whole site. */
export function AuditLog({ roomId }: { roomId?: string }) {
  const [before, setBefore] = useState<string | null>(null);
  const { data, error, refetch } = trpc.moderation.audit.useQuery(
    { ...(roomId !== undefined && { roomId }), ...(before !== null && { before }) },
    { staleTime: 0 },
  );
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading the log" />;
  if (data.lines.length === 0) return <EmptyState title="Nothing has been done yet" />;
  return (
    <>
      <ol aria-label="Log" className="divide-y divide-line">
        {data.lines.map((line) => (
          <li key={line.id} className="py-3">
            <p>
              <span className="font-semibold">{line.actor?.displayName ?? "Somebody who is gone"}</span>{" "}
              {AUDIT_TEXTS[line.action] ?? line.action}{" "}
              {line.user && <span className="font-semibold">{line.user.displayName}</span>}
              {line.room && roomId === undefined && ` in ${line.room.name}`}
              {line.why !== "" && `: ${line.why}`}
            </p>
            {line.action === "user.suspend" && line.user && <LiftSuspension user={line.user} />}
            <time dateTime={new Date(line.atMs).toISOString()} className="text-sm text-ink-faint">
              {formatFull(line.atMs)}
            </time>
          </li>
        ))}
      </ol>
      <p className="mt-6 flex gap-2">
        <Button disabled={before === null} onClick={() => setBefore(null)}>
          Newest
        </Button>
        <Button disabled={!data.hasMore} onClick={() => setBefore(data.lines.at(-1)?.id ?? null)}>
          Older
        </Button>
      </p>
    </>
  );
}

/** A suspension ends early here; one that has ended stays as it is. */
function LiftSuspension({ user }: { user: { id: string; displayName: string } }) {
  const lift = trpc.user.unsuspend.useMutation({ onSuccess: () => void api.moderation.audit.invalidate() });
  return (
    <p className="my-1">
      <Button
        small
        busy={lift.isPending}
        disabled={lift.isSuccess}
        aria-label={`Let ${user.displayName} sign in again`}
        onClick={() => lift.mutate({ userId: user.id })}
      >
        {lift.isSuccess ? "Lifted" : "Let sign in again"}
      </Button>
      {lift.error && (
        <span role="alert" className="ml-3 text-sm text-accent">
          {faultText(lift.error)}
        </span>
      )}
    </p>
  );
}
