import { Store } from "./store.ts";

export type Theme = "light" | "dark" | "system";

const KEY = "cardinal.theme";

function readTheme(): Theme {
  const stored = document.documentElement.dataset["theme"];
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** The theme chosen. `public/theme.js` applies the stored one before the first paint. */
export const themeStore = new Store<Theme>(readTheme());

export function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
  themeStore.set(theme);
}
