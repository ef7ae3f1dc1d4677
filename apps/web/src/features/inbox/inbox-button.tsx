import { Bell } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { ErrorState, LoadingState } from "../../components/ui/states.tsx";
import { useStore } from "../../lib/store.ts";
import { trpc } from "../../lib/trpc.ts";
import { InboxItem } from "./inbox-item.tsx";
import { inboxTopic } from "./inbox-topic.ts";

/** What was said to the member while he looked elsewhere: how much is unread, and the lines themselves. */
export function InboxButton() {
  const { value } = useStore(inboxTopic());
  const [isOpen, setOpen] = useState(false);
  const unread = value?.unread ?? 0;
  return (
    <>
      <button
        type="button"
        aria-label={unread === 0 ? "Inbox" : `Inbox, ${unread} unread`}
        onClick={() => setOpen(true)}
        className="relative inline-flex size-10 items-center justify-center rounded-full text-ink-soft hover:bg-sunken hover:text-ink"
      >
        <Bell aria-hidden="true" className="size-5" />
        {unread > 0 && (
          <span
            aria-hidden="true"
            className="absolute -top-0.5 -right-0.5 min-w-5 rounded-full bg-accent-fill px-1 text-center text-xs font-semibold text-white tabular-nums"
          >
            {unread > 99 ? "99+" : unread}
          </span>
        )}
      </button>
      {isOpen && <InboxDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function InboxDialog({ onClose }: { onClose: () => void }) {
  const { data, error, refetch } = trpc.inbox.list.useQuery({}, { staleTime: 0 });
  const markRead = trpc.inbox.markRead.useMutation({ onSuccess: () => void refetch() });
  return (
    <Dialog title="Inbox" onClose={onClose}>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <LoadingState label="Loading your inbox" />}
      {data?.items.length === 0 && (
        <p className="py-6 text-center text-ink-soft">Nothing yet. You are told here when somebody names or answers you.</p>
      )}
      {data && data.items.length > 0 && (
        <>
          <ul aria-label="Inbox" className="-mx-3 max-h-96 overflow-y-auto" tabIndex={0}>
            {data.items.map((item) => (
              <InboxItem
                key={item.id}
                item={item}
                onOpen={() => {
                  if (!item.isRead) markRead.mutate({ ids: [item.id] });
                  onClose();
                }}
              />
            ))}
          </ul>
          <Button
            className="mt-4"
            small
            busy={markRead.isPending}
            disabled={data.unread === 0}
            onClick={() => markRead.mutate({})}
          >
            Mark all as read
          </Button>
        </>
      )}
    </Dialog>
  );
}
