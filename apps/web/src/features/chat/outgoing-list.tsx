import type { OutgoingMessage } from "./outbox/outgoing.ts";
import { memberOutbox } from "./outbox/member-outbox.ts";
import { OutgoingItem } from "./outgoing-item.tsx";

export interface OutgoingListProps {
  outgoing: readonly OutgoingMessage[];
  onEdit: (outgoing: OutgoingMessage) => void;
}

/** What is on its way to a room whose messages could not be loaded yet. */
export function OutgoingList({ outgoing, onEdit }: OutgoingListProps) {
  return (
    <div role="list" aria-label="Not sent yet" className="max-h-1/2 overflow-y-auto pb-3">
      {outgoing.map((message) => (
        <OutgoingItem
          key={message.clientMessageId}
          outgoing={message}
          onRetry={() => void memberOutbox().outbox.retry(message.clientMessageId)}
          onEdit={() => onEdit(message)}
          onDiscard={() => void memberOutbox().outbox.discard(message.clientMessageId)}
        />
      ))}
    </div>
  );
}
