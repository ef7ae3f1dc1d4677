import { SendHorizontal, X } from "lucide-react";
import type { Message } from "@cardinal/api/schemas";
import { useEffect, useId, useRef, useState } from "react";
import type { FormEvent, KeyboardEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import type { OutgoingMessage } from "./outbox/outgoing.ts";
import { useDraft } from "./use-draft.ts";
import { MESSAGE_MAX_BYTES, MESSAGE_MAX_CHARACTERS } from "./message-limits.ts";

const COUNT_FROM = MESSAGE_MAX_CHARACTERS - 400;

function faultOf(text: string, count: number): string | null {
  if (count > MESSAGE_MAX_CHARACTERS) return `${count - MESSAGE_MAX_CHARACTERS} characters too many`;
  if (new TextEncoder().encode(text).length > MESSAGE_MAX_BYTES) return "Longer than 16 KB";
  return null;
}

export interface ComposerProps {
  roomId: string;
  roomName: string;
  /** What is being answered or changed; null for a message of its own. */
  target: ComposerTarget | null;
  onCancel: () => void;
  onSend: (body: string) => void;
  /** The member writes a message, or has stopped. */
  onTyping: (isTyping: boolean) => void;
  /** ArrowUp in an empty box. */
  onEditLast: () => void;
  /** What holds the next message back; the text stays in the box meanwhile. */
  hold: ComposerHold;
}

export interface ComposerHold {
  /** A message sent now would come too early. */
  readonly isHeld: boolean;
  /** Said beneath the box; empty: nothing. */
  readonly text: string;
}

export type ComposerTarget =
  | { readonly kind: "reply" | "edit"; readonly message: Message }
  /** One that was not sent, to be written anew. */
  | { readonly kind: "unsent"; readonly outgoing: OutgoingMessage };

function aboutOf(target: ComposerTarget): { text: string; detail: string; leave: string } {
  if (target.kind === "edit") return { text: "Changing your message", detail: "", leave: "Leave the message as it is" };
  if (target.kind === "unsent") {
    return { text: "Changing a message that was not sent", detail: "", leave: "Leave the message as it is" };
  }
  const { author, body } = target.message;
  return { text: `Answering ${author.displayName}`, detail: `: ${body}`, leave: "Do not answer it" };
}

/** The text that is being changed; null where a new one is written. */
function changedTextOf(target: ComposerTarget | null): string | null {
  if (target?.kind === "edit") return target.message.body;
  return target?.kind === "unsent" ? target.outgoing.body : null;
}

/**
 * Where a message is written, or changed. Enter sends, Shift+Enter breaks the line, Escape leaves an answer or a
 * change, ArrowUp changes the last message. A draft is kept per room; a change has none.
 */
export function Composer({ roomId, roomName, target, onCancel, onSend, onTyping, onEditLast, hold }: ComposerProps) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const original = changedTextOf(target);
  const isChange = original !== null;
  const [draft, setDraft] = useDraft(roomId);
  const [changed, setChange] = useState("");
  const text = isChange ? changed : draft;
  const about = target && aboutOf(target);
  const count = Array.from(text.trim()).length;
  const fault = faultOf(text, count);
  const isHeld = hold.isHeld && !isChange;

  useEffect(() => {
    if (original !== null) setChange(original);
  }, [original]);
  useEffect(() => {
    if (target) box.current?.focus();
  }, [target]);

  const change = (next: string) => {
    if (isChange) {
      setChange(next);
      return;
    }
    setDraft(next);
    onTyping(next.trim() !== "");
  };
  const send = () => {
    const body = text.trim();
    if (body === "" || fault !== null || isHeld) return;
    onSend(body);
    if (!isChange) change("");
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && target) {
      event.preventDefault();
      onCancel();
      return;
    }
    if (event.key === "ArrowUp" && text === "" && !target) {
      event.preventDefault();
      onEditLast();
      return;
    }
    // While an input method composes, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form onSubmit={onSubmit} className="bg-surface px-3 pb-3 sm:px-5">
      {about && (
        <p className="flex items-center gap-2 pb-2 text-sm text-ink-soft">
          <span className="truncate">
            {about.text}
            <span className="text-ink-faint">{about.detail}</span>
          </span>
          <button
            type="button"
            onClick={onCancel}
            aria-label={about.leave}
            className="ml-auto inline-flex size-7 shrink-0 items-center justify-center rounded-md hover:bg-sunken"
          >
            <X aria-hidden="true" className="size-4" />
          </button>
        </p>
      )}
      <label htmlFor={id} className="sr-only">
        Message to {roomName}
      </label>
      <div className="flex items-end gap-2">
        <textarea
          ref={box}
          id={id}
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          rows={1}
          enterKeyHint="send"
          placeholder={`Message ${roomName}`}
          aria-invalid={fault !== null}
          aria-describedby={`${id}-count ${id}-keys`}
          className="field-sizing-content max-h-40 min-h-11 flex-1 resize-none rounded-xl border border-line-strong/60 bg-canvas px-3.5 py-2.5 placeholder:text-ink-faint aria-[invalid=true]:border-accent"
        />
        <Button
          type="submit"
          look="primary"
          aria-label="Send"
          className="size-11 rounded-xl px-0"
          disabled={text.trim() === "" || fault !== null || isHeld}
        >
          <SendHorizontal aria-hidden="true" className="size-5" />
        </Button>
      </div>
      <div className="flex justify-between gap-4 text-xs text-ink-faint">
        {hold.text === "" ? (
          <span id={`${id}-keys`} className="hidden pt-1 sm:inline">
            Enter sends, Shift + Enter breaks the line
          </span>
        ) : (
          <span id={`${id}-keys`} className="pt-1 text-warn tabular-nums">
            {hold.text}
          </span>
        )}
        <span id={`${id}-count`} role="status" className={`tabular-nums ${fault ? "text-accent" : ""}`}>
          {fault ??
            (count >= COUNT_FROM
              ? `${count.toLocaleString()} of ${MESSAGE_MAX_CHARACTERS.toLocaleString()}`
              : "")}
        </span>
      </div>
    </form>
  );
}
