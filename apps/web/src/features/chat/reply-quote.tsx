import type { RepliedMessage } from "@cardinal/api/schemas";
import { CornerUpRight } from "lucide-react";

/** What a message answers, in one line. */
export function ReplyQuote({ replyTo, onOpen }: { replyTo: RepliedMessage; onOpen?: (() => void) | undefined }) {
  const text = replyTo.excerpt === "" ? "a deleted message" : replyTo.excerpt;
  const content = (
    <>
      <CornerUpRight aria-hidden="true" className="size-3.5 shrink-0" />
      <span className="sr-only">Answers </span>
      <span className="shrink-0 font-medium">{replyTo.author}</span>
      <span className={`truncate ${replyTo.excerpt === "" ? "italic" : ""}`}>{text}</span>
    </>
  );
  const look = "flex max-w-full items-center gap-1.5 text-xs text-ink-faint";
  return onOpen ? (
    <button type="button" onClick={onOpen} className={`${look} hover:text-ink`}>
      {content}
    </button>
  ) : (
    <p className={look}>{content}</p>
  );
}
