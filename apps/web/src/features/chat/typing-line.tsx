import type { Typist } from "@cardinal/api/schemas";
import { typingText } from "./typing-text.ts";

/** Who else is writing. Never announced: it changes all the time and nobody asked. */
export function TypingLine({ typists }: { typists: readonly Typist[] }) {
  return (
    <p aria-hidden="true" data-typing={typists.length} className="h-6 truncate border-t border-line bg-surface pt-1 px-5 text-xs text-ink-faint">
      {typingText(typists.map(({ displayName }) => displayName))}
    </p>
  );
}
