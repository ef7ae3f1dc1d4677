// Applies the stored theme before the first paint; src/lib/theme.ts changes it later.
try {
  const theme = localStorage.getItem("cardinal.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme stays.
}
