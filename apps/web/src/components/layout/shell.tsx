import { Link } from "@tanstack/react-router";
import { BookOpen, ChartColumn, Cog, Flag, House, MessageSquare, Trophy } from "lucide-react";
import type { ReactNode } from "react";
import { paths } from "../../app/paths.ts";
import { Brand } from "./brand.tsx";
import { ConnectionPill } from "./connection-pill.tsx";

const PLACES = [
  { to: paths.home, label: "Home", Icon: House },
  { to: paths.chat, label: "Chat", Icon: MessageSquare },
  { to: paths.boards, label: "Boards", Icon: Trophy },
  { to: paths.blog, label: "Blog", Icon: BookOpen },
  { to: paths.analytics, label: "Analytics", Icon: ChartColumn },
  { to: paths.jobs, label: "Jobs", Icon: Cog },
] as const;

const MODERATION = { to: paths.moderation, label: "Reports", Icon: Flag } as const;

export interface ShellProps {
  account: ReactNode;
  search: ReactNode;
  inbox: ReactNode;
  /** How many reports wait; null for who looks after nothing. */
  reports: number | null;
  /** Stands at the foot of the rail. */
  footer: ReactNode;
  children: ReactNode;
}

/** The frame of every signed-in page: a rail at the left, tabs at the foot of a narrow screen. */
export function Shell({ account, search, inbox, reports, footer, children }: ShellProps) {
  return (
    <div className="flex h-dvh flex-col sm:flex-row">
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent-fill px-4 py-2 text-white focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <nav
        aria-label="Main"
        className="order-3 border-t border-line bg-surface sm:order-1 sm:flex sm:w-16 sm:flex-col sm:border-t-0 sm:border-r lg:w-56"
      >
        <div className="hidden h-16 items-center px-4 lg:flex">
          <Brand />
        </div>
        <div className="hidden h-16 items-center justify-center sm:flex lg:hidden">
          <img src="/favicon.svg" alt="" className="size-8" />
        </div>
        <ul className="flex justify-around sm:block sm:flex-1 sm:space-y-1 sm:px-2 sm:py-2">
          {[...PLACES, ...(reports === null ? [] : [MODERATION])].map(({ to, label, Icon }) => (
            <li key={to} className="flex-1 sm:flex-none">
              <Link
                to={to}
                activeOptions={{ exact: to === paths.home, includeSearch: false }}
                activeProps={{ className: "text-accent sm:bg-accent-wash font-semibold" }}
                inactiveProps={{ className: "text-ink-soft hover:text-ink sm:hover:bg-sunken" }}
                className="relative flex min-h-14 flex-col items-center justify-center gap-0.5 rounded-lg text-xs sm:min-h-12 lg:min-h-10 lg:flex-row lg:justify-start lg:gap-3 lg:px-3 lg:text-[0.9375rem]"
              >
                <Icon aria-hidden="true" className="size-5" />
                {label}
                {to === paths.moderation && reports !== null && reports > 0 && (
                  <span className="absolute top-1 right-0 rounded-full bg-accent-fill px-1.5 text-xs font-semibold text-white tabular-nums lg:static lg:ml-auto">
                    {reports > 99 ? "99+" : reports}
                    <span className="sr-only"> open</span>
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
        <div className="hidden lg:block">{footer}</div>
      </nav>
      <div className="order-2 flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-14 shrink-0 items-center justify-between gap-3 border-b border-line bg-surface px-3 sm:h-16 sm:px-5">
          <span className="sm:hidden">
            <img src="/favicon.svg" alt="" className="size-8" />
          </span>
          <span className="flex-1" />
          <ConnectionPill />
          {search}
          {inbox}
          {account}
        </header>
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 outline-none">
          {children}
        </main>
      </div>
    </div>
  );
}
