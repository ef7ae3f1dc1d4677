import type { Message } from "@cardinal/api/schemas";
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer } from "virtua";
import type { VirtualizerHandle } from "virtua";
import { Button } from "../../components/ui/button.tsx";
import { faultText } from "../../lib/fault-text.ts";
import { useMe } from "../../lib/me.ts";
import { focusWhenDrawn } from "./focus-when-drawn.ts";
import { MessageItem } from "./message-item.tsx";
import { toRows } from "./message-rows.ts";
import { OutgoingItem } from "./outgoing-item.tsx";
import { memberOutbox } from "./outbox/member-outbox.ts";
import type { OutgoingMessage } from "./outbox/outgoing.ts";
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
  /** The room goes on after what is here. */
  isDetached: boolean;
  /** Messages after the last one the reader has seen. */
  unread: number;
  unreadFrom: number | null;
  isModerator: boolean;
  canPin: boolean;
  isSilent: boolean;
  changes: MessageChanges;
  onAtEnd: (isAtEnd: boolean) => void;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  onReport: (message: Message) => void;
  onEditUnsent: (outgoing: OutgoingMessage) => void;
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
  isDetached,
  unread,
  unreadFrom,
  isModerator,
  canPin,
  isSilent,
  changes,
  onAtEnd,
  onReply,
  onEdit,
  onReport,
  onEditUnsent,
}: MessageListProps) {
  const me = useMe();
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const { target } = state;
  const isAtEnd = useRef(!isDetached && target === null);
  const firstNumber = useRef<number | null>(null);
  const seenCount = useRef(outgoing.length);
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

  const openNumber = useCallback((number: number) => void session.feed.jumpTo({ number }), [session]);

  useLayoutEffect(() => {
    firstNumber.current = first;
  });

  // New at the end: whoever is there follows, and who wrote it.
  useLayoutEffect(() => {
    const wroteOne = outgoing.length > seenCount.current;
    seenCount.current = outgoing.length;
    if (isAtEnd.current || wroteOne) scrollToEnd();
  }, [lastNumber, outgoing.length, scrollToEnd]);

  // Tells where reading begins: at the end, or where a jump led.
  useEffect(() => onAtEnd(isAtEnd.current), [onAtEnd]);

  const shown = useRef<RoomFeedState["target"]>(null);
  const stopFocusing = useRef(() => {});
  useLayoutEffect(() => {
    if (target === null || target === shown.current) return;
    const index = rows.findIndex(({ message }) => message.number === target.number);
    if (index === -1) return;
    shown.current = target;
    isAtEnd.current = false;
    list.current?.scrollToIndex(index, { align: "center" });
    // The row is drawn once it is in view.
    stopFocusing.current();
    stopFocusing.current = focusWhenDrawn(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-message-number="${target.number}"] article`),
    );
  }, [target, rows]);
  useEffect(() => () => stopFocusing.current(), []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    isAtEnd.current = !isDetached && fromEnd < NEAR_END_PX;
    setAway(fromEnd > element.clientHeight / 2);
    onAtEnd(isAtEnd.current);
    if (element.scrollTop < NEAR_START_PX) void session.feed.loadOlder();
    if (isDetached && fromEnd < NEAR_START_PX) void session.feed.loadNewer();
  }, [isDetached, onAtEnd, session]);

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
                isTarget={row.message.number === target?.number}
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
                onRetry={() => void memberOutbox().outbox.retry(message.clientMessageId)}
                onEdit={() => onEditUnsent(message)}
                onDiscard={() => void memberOutbox().outbox.discard(message.clientMessageId)}
              />
            ))}
          </Virtualizer>
        </div>
        {isDetached && (
          <div role="status" className="flex min-h-10 items-center justify-center text-sm text-ink-faint">
            {state.isLoadingNewer && "Loading newer messages…"}
            {state.newerError !== null && (
              <span className="flex items-center gap-2">
                {faultText(state.newerError)}
                <Button small onClick={() => void session.feed.loadNewer()}>
                  Try again
                </Button>
              </span>
            )}
          </div>
        )}
      </div>
      {(isAway || isDetached || unread > 0) && (
        <Button
          onClick={() => {
            isAtEnd.current = true;
            scrollToEnd();
            void session.feed.jumpToLatest();
          }}
          small
          className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-lift"
        >
          <ArrowDown aria-hidden="true" className="size-4" />
          {unread > 0 ? `${unread} new ${unread === 1 ? "message" : "messages"}` : "Latest messages"}
        </Button>
      )}
    </div>
  );
}
