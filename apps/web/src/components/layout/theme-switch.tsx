import clsx from "clsx";
import { Monitor, Moon, Sun } from "lucide-react";
import { useStore } from "../../lib/store.ts";
import { setTheme, themeStore } from "../../lib/theme.ts";

const CHOICES = [
  { theme: "light", label: "Light", Icon: Sun },
  { theme: "dark", label: "Dark", Icon: Moon },
  { theme: "system", label: "System", Icon: Monitor },
] as const;

/** Light, dark, or as the system has it. */
export function ThemeSwitch() {
  const current = useStore(themeStore);
  return (
    <div role="group" aria-label="Theme" className="flex gap-1 rounded-lg bg-sunken p-1">
      {CHOICES.map(({ theme, label, Icon }) => (
        <button
          key={theme}
          type="button"
          aria-pressed={current === theme}
          onClick={() => setTheme(theme)}
          className={clsx(
            "flex min-h-8 flex-1 items-center justify-center gap-1.5 rounded-md px-2 text-sm",
            current === theme ? "bg-surface font-medium shadow-lift" : "text-ink-soft hover:text-ink",
          )}
        >
          <Icon aria-hidden="true" className="size-4" />
          {label}
        </button>
      ))}
    </div>
  );
}
