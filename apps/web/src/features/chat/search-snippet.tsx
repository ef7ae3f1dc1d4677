import type { SearchHit } from "@cardinal/api/schemas";

interface Part {
  readonly at: number;
  readonly text: string;
  readonly isHit: boolean;
}

function partsOf({ text, highlights }: SearchHit["snippet"]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { start, end } of highlights) {
    parts.push({ at, text: text.slice(at, start), isHit: false }, { at: start, text: text.slice(start, end), isHit: true });
    at = end;
  }
  return [...parts, { at, text: text.slice(at), isHit: false }].filter((part) => part.text !== "");
}

/** The part of a message that was found, with what was looked for marked. */
export function SearchSnippet({ snippet }: { snippet: SearchHit["snippet"] }) {
  return (
    <span className="line-clamp-3 break-words">
      {snippet.isCutBefore && "… "}
      {partsOf(snippet).map(({ at, text, isHit }) =>
        isHit ? (
          <mark key={at} className="rounded-sm bg-warn-wash font-semibold text-warn">
            {text}
          </mark>
        ) : (
          text
        ),
      )}
      {snippet.isCutAfter && " …"}
    </span>
  );
}
