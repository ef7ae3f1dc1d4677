import type { ReactNode } from "react";
import Markdown from "react-markdown";

interface ElementProps {
  children?: ReactNode;
  href?: string | undefined;
}

const components = {
  a: ({ href, children }: ElementProps) => (
    <a href={href} rel="noopener noreferrer nofollow ugc" target="_blank">
      {children}
    </a>
  ),
  // The page has its own first heading.
  h1: ({ children }: ElementProps) => <h2>{children}</h2>,
  // Code that scrolls can be scrolled by keyboard.
  pre: ({ children }: ElementProps) => <pre tabIndex={0}>{children}</pre>,
};

/** Markdown as elements: no HTML of the author's gets through, and links tell nothing of this page. */
export function PostBody({ markdown }: { markdown: string }) {
  return (
    <div className="prose">
      <Markdown skipHtml disallowedElements={["img"]} components={components}>
        {markdown}
      </Markdown>
    </div>
  );
}
