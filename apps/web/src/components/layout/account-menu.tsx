import { LogOut } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useMe } from "../../lib/me.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { useDismiss } from "../ui/use-dismiss.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

export interface AccountMenuProps {
  onSignOut: () => void;
  isSigningOut: boolean;
  /** What signing out would cost. */
  warning: ReactNode;
  fault: ReactNode;
}

/** Who is signed in, the theme, and sign-out. Escape and a press outside close it. */
export function AccountMenu({ onSignOut, isSigningOut, warning, fault }: AccountMenuProps) {
  const me = useMe();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);

  useDismiss(isOpen, { root, trigger }, () => setOpen(false), ["Escape"]);

  return (
    <div ref={root} className="relative">
      <button
        ref={trigger}
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        className="flex min-h-10 items-center gap-2 rounded-full p-0.5 sm:pr-3 hover:bg-sunken"
      >
        <Avatar user={me} />
        <span className="sr-only sm:not-sr-only sm:max-w-36 sm:truncate sm:text-sm sm:font-medium">
          {me.displayName}
        </span>
      </button>
      {isOpen && (
        <div
          id={id}
          className="absolute top-full right-0 z-30 mt-2 w-72 rounded-2xl border border-line bg-surface p-3 shadow-lift"
        >
          <p className="px-1 font-medium">{me.displayName}</p>
          <p className="mb-3 truncate px-1 text-sm text-ink-faint">{me.email || `@${me.username}`}</p>
          <ThemeSwitch />
          {warning}
          <Button className="mt-3 w-full" onClick={onSignOut} busy={isSigningOut}>
            <LogOut aria-hidden="true" className="size-4" />
            Sign out
          </Button>
          {fault}
        </div>
      )}
    </div>
  );
}
