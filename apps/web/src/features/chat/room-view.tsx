import type { Message, RepliedMessage, RoomView as Room } from "@cardinal/api/schemas";
import { lazy, Suspense, useCallback, useState } from "react";
import { EmptyState, ErrorState, LoadingState, Skeleton } from "../../components/ui/states.tsx";
import { useMe } from "../../lib/me.ts";
import { faultText } from "../../lib/fault-text.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import type { ComposerTarget } from "./composer.tsx";
import { silenceOf } from "./composer-notice.tsx";
import { JumpNotice } from "./jump-notice.tsx";
import type { LinkedMessage } from "./jump-to.ts";
import { KeptNowhere } from "./kept-nowhere.tsx";
import { MessageList } from "./message-list.tsx";
import type { OutgoingMessage } from "./outbox/outgoing.ts";
import { OutgoingList } from "./outgoing-list.tsx";
import { hasNewer } from "./room-log.ts";
import { TypingLine } from "./typing-line.tsx";
import { useSanctionEnd } from "./use-sanction-end.ts";
import { useHold } from "./use-hold.ts";
import { useMarkRead } from "./use-mark-read.ts";
import { useMessageChanges } from "./use-message-changes.ts";
import { useTellTyping } from "./use-tell-typing.ts";
import { useRoomSession } from "./use-room-session.ts";

const ReportDialog = lazy(async () => ({ default: (await import("./report-dialog.tsx")).ReportDialog }));

const toReplied = ({ id, number, author, body }: Message): RepliedMessage => ({
  id,
  number,
  author: author.displayName,
  excerpt: body.slice(0, 140),
});

/** A room a member is in: its history, live, and the composer. */
export function RoomView({ room, linked }: { room: Room; linked: LinkedMessage | null }) {
  const me = useMe();
  const { session, state, outgoing } = useRoomSession(room.id, linked);
  const { changes, fault, forget } = useMessageChanges(session.feed);
  const tellTyping = useTellTyping(room.id);
  const [isAtEnd, setAtEnd] = useState(true);
  const [target, setTarget] = useState<ComposerTarget | null>(null);
  const reply = useCallback((message: Message) => setTarget({ kind: "reply", message }), []);
  const edit = useCallback((message: Message) => setTarget({ kind: "edit", message }), []);
  const editUnsent = useCallback((unsent: OutgoingMessage) => setTarget({ kind: "unsent", outgoing: unsent }), []);
  // Where reading left off when the room was opened; it stays while the page is open.
  const [unreadFrom] = useState(room.unread > 0 ? room.headMessageNumber - room.unread + 1 : null);
  const { log, error } = state;
  const isDetached = log !== null && hasNewer(log);
  const lastNumber = isDetached ? null : (log?.messages.at(-1)?.number ?? null);
  useMarkRead(room.id, lastNumber, isAtEnd);
  const [readUpTo, setReadUpTo] = useState(room.headMessageNumber - room.unread);
  if (isAtEnd && lastNumber !== null && lastNumber > readUpTo) setReadUpTo(lastNumber);
  const send = (body: string) => {
    if (target?.kind === "edit") changes.edit(target.message, body);
    else if (target?.kind === "unsent") session.resend(target.outgoing, body);
    else session.send(body, target ? toReplied(target.message) : undefined);
    setTarget(null);
  };
  const hold = useHold(room);
  const silence = silenceOf(room);
  useSanctionEnd(room.mute);
  const isModerator = me.role === "admin" || room.role === "owner" || room.role === "moderator";
  const [reported, setReported] = useState<Message | null>(null);
  const isEmpty = log?.messages.length === 0 && outgoing.length === 0;

  return (
    <>
      {!log && error === null && (
        <div className="flex-1 overflow-hidden p-6">
          <LoadingState label="Loading messages">
            {[1, 2, 3, 4, 5].map((row) => (
              <div key={row} className="mb-6 flex gap-3">
                <Skeleton className="size-9 rounded-full" />
                <div className="flex-1 space-y-2">
                  <Skeleton className="h-4 w-32" />
                  <Skeleton className="h-4 w-3/5" />
                </div>
              </div>
            ))}
          </LoadingState>
        </div>
      )}
      {!log && error !== null && (
        <div className="flex-1 p-6">
          <ErrorState error={error} onRetry={() => session.feed.reload()} />
        </div>
      )}
      {!log && outgoing.length > 0 && <OutgoingList outgoing={outgoing} onEdit={editUnsent} />}
      {log && error !== null && (
        <div className="px-4 pt-3">
          <ErrorState error={error} onRetry={() => session.feed.reload()} />
        </div>
      )}
      {log && isEmpty && (
        <div className="flex flex-1 items-center justify-center p-6">
          <EmptyState title="Nothing has been said here yet">Say hello and be the first.</EmptyState>
        </div>
      )}
      {log && !isEmpty && (
        <MessageList
          key={state.window}
          session={session}
          state={state}
          log={log}
          outgoing={isDetached ? [] : outgoing}
          isDetached={isDetached}
          unread={Math.max(0, log.headNumber - readUpTo)}
          unreadFrom={unreadFrom}
          isModerator={isModerator}
          canPin={room.partner === null && room.archivedAtMs === null}
          isSilent={silence !== null}
          changes={changes}
          onAtEnd={setAtEnd}
          onReply={reply}
          onEdit={edit}
          onReport={setReported}
          onEditUnsent={editUnsent}
        />
      )}
      <Announcer arrivals={state.arrivals} meId={me.id} />
      <JumpNotice feed={session.feed} state={state} />
      {fault !== null && (
        <p role="alert" className="flex items-center gap-3 border-t border-line bg-surface px-5 pt-2 text-sm text-accent">
          {faultText(fault)}
          <button type="button" onClick={forget} className="min-h-6 underline">
            Dismiss
          </button>
        </p>
      )}
      <KeptNowhere />
      <TypingLine typists={state.typists} />
      {silence ?? (
        <Composer
          roomId={room.id}
          roomName={room.name}
          target={target}
          onCancel={() => setTarget(null)}
          onSend={send}
          onTyping={tellTyping}
          hold={hold}
          onEditLast={() => {
            const last = log?.messages.findLast(({ author, deletedAtMs }) => author.id === me.id && deletedAtMs === null);
            if (last) edit(last);
          }}
        />
      )}
      {reported && (
        <Suspense>
          <ReportDialog message={reported} onClose={() => setReported(null)} />
        </Suspense>
      )}
    </>
  );
}
