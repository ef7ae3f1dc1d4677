import type { ReactNode } from "react";

export interface PageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A scrolling page with its heading. */
export function Page({ title, lead, actions, children }: PageProps) {
  return (
    <div className="h-full overflow-y-auto" tabIndex={0} role="region" aria-label={title}>
      <div className="mx-auto max-w-4xl px-5 pt-8 pb-16 sm:px-8 sm:pt-12">
        <header className="mb-8 flex flex-wrap items-end justify-between gap-4">
          <div>
            <h1 className="font-display text-3xl font-semibold tracking-tight">{title}</h1>
            {lead && <p className="mt-1 text-ink-soft">{lead}</p>}
          </div>
          {actions}
        </header>
        {children}
      </div>
    </div>
  );
}
