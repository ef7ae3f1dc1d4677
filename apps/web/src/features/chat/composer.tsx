import { SendHorizontal } from "lucide-react";
import { useId, useState } from "react";
import type { FormEvent, KeyboardEvent } from "react";
import { Button } from "../../components/ui/button.tsx";
import { drafts } from "./drafts.ts";
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
  onSend: (body: string) => void;
}

/** Where a message is written. Enter sends, Shift+Enter breaks the line; a draft is kept per room. */
export function Composer({ roomId, roomName, onSend }: ComposerProps) {
  const id = useId();
  const [text, setText] = useState(() => drafts.get(roomId));
  const count = Array.from(text.trim()).length;
  const fault = faultOf(text, count);

  const change = (next: string) => {
    setText(next);
    drafts.set(roomId, next);
  };
  const send = () => {
    const body = text.trim();
    if (body === "" || fault !== null) return;
    onSend(body);
    change("");
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form onSubmit={onSubmit} className="border-t border-line bg-surface px-3 py-3 sm:px-5">
      <label htmlFor={id} className="sr-only">
        Message to {roomName}
      </label>
      <div className="flex items-end gap-2">
        <textarea
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
          disabled={text.trim() === "" || fault !== null}
        >
          <SendHorizontal aria-hidden="true" className="size-5" />
        </Button>
      </div>
      <div className="flex justify-between gap-4 text-xs text-ink-faint">
        <span id={`${id}-keys`} className="hidden pt-1 sm:inline">
          Enter sends, Shift + Enter breaks the line
        </span>
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
