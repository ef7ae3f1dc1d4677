import clsx from "clsx";
import type { ButtonHTMLAttributes } from "react";

type Look = "primary" | "secondary" | "quiet";

const LOOKS: Readonly<Record<Look, string>> = {
  primary: "bg-accent-fill text-white hover:bg-accent-fill-hover",
  secondary: "border border-line-strong/50 bg-surface text-ink hover:bg-sunken",
  quiet: "text-ink-soft hover:bg-sunken hover:text-ink",
};

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look = "secondary", small = false): string {
  return clsx(
    "inline-flex items-center justify-center gap-2 rounded-lg font-medium transition-colors",
    "disabled:pointer-events-none disabled:opacity-60",
    small ? "min-h-8 px-2.5 text-sm" : "min-h-10 px-4",
    LOOKS[look],
  );
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  small?: boolean;
  /** Shows that the action is on its way, and takes no second press. */
  busy?: boolean;
}

export function Button({ look, small, busy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={clsx(buttonClass(look, small), className)}
    >
      {busy && (
        <span
          aria-hidden="true"
          className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent"
        />
      )}
      {children}
    </button>
  );
}
