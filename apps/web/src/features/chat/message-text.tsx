import { splitNames } from "./split-names.ts";

/** A message's text, with the members it names set apart, the reader himself most. */
export function MessageText({ text, username }: { text: string; username: string }) {
  return splitNames(text).map(({ at, part, name }) =>
    name === null ? (
      part
    ) : (
      <span
        key={at}
        className={name === username ? "rounded bg-accent-wash px-0.5 font-semibold text-accent" : "font-medium text-accent"}
      >
        {part}
      </span>
    ),
  );
}
