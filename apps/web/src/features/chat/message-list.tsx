import type { Message } from "@cardinal/api/schemas";
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer } from "virtua";
import type { VirtualizerHandle } from "virtua";
import { Button } from "../../components/ui/button.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { useMe } from "../../lib/me.ts";
import { onJump } from "./jump-to.ts";
import { MessageItem } from "./message-item.tsx";
import { toRows } from "./message-rows.ts";
import { OutgoingItem } from "./outgoing-item.tsx";
import type { OutgoingMessage } from "./outbox.ts";
import type { RoomFeedState } from "./room-feed.ts";
import type { RoomSession } from "./room-session.ts";
import type { RoomLog } from "./room-log.ts";
import type { MessageChanges } from "./use-message-changes.ts";

const NEAR_END_PX = 80;
const NEAR_START_PX = 600;

export interface MessageListProps {
  session: RoomSession;
  state: RoomFeedState;
  log: RoomLog;
  outgoing: readonly OutgoingMessage[];
  unreadFrom: number | null;
  isModerator: boolean;
  canPin: boolean;
  isSilent: boolean;
  changes: MessageChanges;
  onAtEnd: (isAtEnd: boolean) => void;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  onReport: (message: Message) => void;
}

/**
 * The history of a room. Older messages are fetched on the way up and what is on screen stays where it is;
 * new ones keep the end in view only for a reader who is there.
 */
export function MessageList({
  session,
  state,
  log,
  outgoing,
  unreadFrom,
  isModerator,
  canPin,
  isSilent,
  changes,
  onAtEnd,
  onReply,
  onEdit,
  onReport,
}: MessageListProps) {
  const me = useMe();
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const firstNumber = useRef<number | null>(null);
  const seenCount = useRef(0);
  const [missed, setMissed] = useState(0);
  const [isAway, setAway] = useState(false);

  const rows = useMemo(() => toRows(log, unreadFrom), [log, unreadFrom]);
  const lastOwn = log.messages.findLast(({ author }) => author.id === me.id)?.number;
  const first = rows[0]?.message.number ?? null;
  // Rows were put in front: the place on screen is kept from the end.
  const isPrepended = firstNumber.current !== null && first !== null && first < firstNumber.current;
  const count = rows.length + outgoing.length;
  const lastNumber = rows.at(-1)?.message.number ?? 0;

  const scrollToEnd = useCallback(() => {
    list.current?.scrollToIndex(count - 1, { align: "end" });
  }, [count]);

  /** Shows a message that is quoted, as far as it is loaded. */
  const openNumber = useCallback(
    (number: number) => {
      const index = rows.findIndex(({ message }) => message.number === number);
      if (index !== -1) list.current?.scrollToIndex(index, { align: "center" });
    },
    [rows],
  );

  useLayoutEffect(() => {
    firstNumber.current = first;
  });

  useEffect(
    () =>
      onJump((messageId) => {
        const number = rows.find(({ message }) => message.id === messageId)?.message.number;
        if (number !== undefined) openNumber(number);
      }),
    [rows, openNumber],
  );

  // New at the end: follow, or count what is below.
  const lastSeen = useRef(0);
  useLayoutEffect(() => {
    const added = lastSeen.current === 0 ? 0 : lastNumber - lastSeen.current;
    const wroteOne = outgoing.length > seenCount.current;
    lastSeen.current = lastNumber;
    seenCount.current = outgoing.length;
    if (isAtEnd.current || wroteOne) scrollToEnd();
    else if (added > 0) setMissed((before) => before + added);
  }, [lastNumber, outgoing.length, scrollToEnd]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    isAtEnd.current = fromEnd < NEAR_END_PX;
    setAway(fromEnd > element.clientHeight / 2);
    if (isAtEnd.current) setMissed(0);
    onAtEnd(isAtEnd.current);
    if (element.scrollTop < NEAR_START_PX) void session.feed.loadOlder();
  }, [onAtEnd, session]);

  // Whoever is at the end stays there when the window or the composer changes size.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label="Messages"
        className="h-full overflow-y-auto pb-3 [overflow-anchor:none]"
      >
        <div role="status" className="flex min-h-10 items-center justify-center text-sm text-ink-faint">
          {state.isLoadingOlder && "Loading older messages…"}
          {!log.hasMore && "This is where the room begins."}
          {state.olderError !== null && (
            <span className="flex items-center gap-2">
              {faultText(state.olderError)}
              <Button small onClick={() => void session.feed.loadOlder()}>
                Try again
              </Button>
            </span>
          )}
        </div>
        <div role="list" aria-label="Messages">
          <Virtualizer ref={list} scrollRef={scroller} shift={isPrepended} startMargin={40}>
            {rows.map((row, index) => (
              <MessageItem
                key={row.message.id}
                row={row}
                isOwn={row.message.author.id === me.id}
                isLastOwn={row.message.number === lastOwn}
                position={index + 1}
                total={rows.length}
                meId={me.id}
                username={me.username}
                isModerator={isModerator}
                canPin={canPin}
                isSilent={isSilent}
                changes={changes}
                onReply={onReply}
                onEdit={onEdit}
                onReport={onReport}
                onOpenNumber={openNumber}
              />
            ))}
            {outgoing.map((message) => (
              <OutgoingItem
                key={message.clientMessageId}
                outgoing={message}
                onRetry={() => session.outbox.retry(message.clientMessageId)}
                onDiscard={() => session.outbox.discard(message.clientMessageId)}
              />
            ))}
          </Virtualizer>
        </div>
      </div>
      {(isAway || missed > 0) && (
        <Button
          onClick={() => {
            isAtEnd.current = true;
            setMissed(0);
            scrollToEnd();
          }}
          small
          className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-lift"
        >
          <ArrowDown aria-hidden="true" className="size-4" />
          {missed > 0 ? `${missed} new ${missed === 1 ? "message" : "messages"}` : "Latest messages"}
        </Button>
      )}
    </div>
  );
}
