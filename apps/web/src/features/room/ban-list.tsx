import type { RoomView as Room } from "@cardinal/api/schemas";
import { Avatar } from "../../components/ui/avatar.tsx";
import { Button } from "../../components/ui/button.tsx";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { sanctionText } from "../../lib/sanction-text.ts";
import { trpc } from "../../lib/trpc.ts";

/** Who is kept out of a room, and the way to let him back in. */
export function BanList({ room }: { room: Room }) {
  const { data, error, refetch } = trpc.room.bans.useQuery({ roomId: room.id }, { staleTime: 0 });
  const unban = trpc.room.unban.useMutation({ onSuccess: () => void refetch() });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingState label="Loading bans" />;
  if (data.bans.length === 0) return <p className="py-4 text-ink-soft">Nobody is banned here.</p>;
  return (
    <>
      <ul aria-label="Banned" className="max-h-96 space-y-2 overflow-y-auto" tabIndex={0}>
        {data.bans.map((ban) => (
          <li key={ban.user.id} className="flex items-center gap-3">
            <Avatar user={ban.user} size="small" />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{ban.user.displayName}</span>
              <span className="block text-sm text-ink-faint">Banned {sanctionText(ban)}</span>
            </span>
            <Button
              small
              busy={unban.isPending}
              aria-label={`Let ${ban.user.displayName} back in`}
              onClick={() => unban.mutate({ roomId: room.id, userId: ban.user.id })}
            >
              Let back in
            </Button>
          </li>
        ))}
      </ul>
      {unban.error && (
        <p role="alert" className="mt-2 text-sm text-accent">
          {faultText(unban.error)}
        </p>
      )}
    </>
  );
}
