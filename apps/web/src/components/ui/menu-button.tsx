import type { LucideIcon } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import type { ReactNode } from "react";
import { buttonClass } from "./button.tsx";
import { useDismiss } from "./use-dismiss.ts";

export interface MenuItem {
  label: string;
  Icon: LucideIcon;
  onChoose: () => void;
}

export interface MenuButtonProps {
  label: string;
  icon: ReactNode;
  items: readonly MenuItem[];
}

/** A button that opens a list of actions. Arrow keys walk it; Escape and a press outside close it. */
export function MenuButton({ label, icon, items }: MenuButtonProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);

  useDismiss(isOpen, { root, trigger }, () => setOpen(false), ["Escape", "Tab"]);
  useEffect(() => {
    if (!isOpen) return undefined;
    const buttons = () => [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    buttons()[0]?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      const all = buttons();
      const at = all.findIndex((button) => button === document.activeElement);
      all.at((at + (event.key === "ArrowDown" ? 1 : -1)) % all.length)?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isOpen]);

  return (
    <div ref={root} className="relative">
      <button
        ref={trigger}
        type="button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
        className={buttonClass("quiet", true)}
      >
        {icon}
      </button>
      {isOpen && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          className="absolute top-full right-0 z-30 mt-1 w-56 rounded-xl border border-line bg-surface p-1.5 shadow-lift"
        >
          {items.map(({ label: text, Icon, onChoose }) => (
            <button
              key={text}
              type="button"
              role="menuitem"
              onClick={() => {
                setOpen(false);
                trigger.current?.focus();
                onChoose();
              }}
              className="flex min-h-10 w-full items-center gap-3 rounded-lg px-3 text-left hover:bg-sunken focus:bg-sunken"
            >
              <Icon aria-hidden="true" className="size-4 text-ink-soft" />
              {text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
