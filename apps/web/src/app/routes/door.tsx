import type { ReactNode } from "react";
import { Brand } from "../../components/layout/brand.tsx";

const BIRD =
  "M9 24V14.5C9 9 12.4 6 17.6 4.6c-.5 2 .1 3.4 1.7 4.4 2.5 1.5 3.9 3.3 4.3 5.7l2.4 1.4-3.1 1.7" +
  "C21.8 21.7 18.7 24 14.8 24z";

/** The frame of sign-in and sign-up. */
export function Door({ title, lead, children }: { title: string; lead: ReactNode; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,34rem)]">
      <div className="relative hidden flex-col overflow-hidden border-r border-line bg-sunken p-12 lg:flex">
        <svg
          viewBox="0 0 32 32"
          aria-hidden="true"
          className="absolute -right-16 -bottom-24 size-[24rem] text-line xl:-right-24 xl:-bottom-[8.5rem] xl:size-[34rem]"
        >
          <path d={BIRD} fill="currentColor" />
        </svg>
        <Brand />
        <div className="relative my-auto">
          <p className="max-w-lg font-display text-5xl leading-[1.1] font-semibold tracking-tight text-balance">
            Talk, compete and read together, <span className="text-accent">as it happens.</span>
          </p>
          <p className="mt-5 max-w-sm text-ink-soft text-balance">
            Chat rooms, leaderboards and a blog that keep up with each other.
          </p>
        </div>
      </div>
      <div className="flex items-center justify-center px-5 py-12">
        <div className="w-full max-w-sm">
          <div className="mb-10 lg:hidden">
            <Brand />
          </div>
          <h1 className="font-display text-3xl font-semibold tracking-tight">{title}</h1>
          <p className="mt-1 mb-8 text-ink-soft">{lead}</p>
          {children}
        </div>
      </div>
    </main>
  );
}
