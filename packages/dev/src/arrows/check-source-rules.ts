import type { SourceFile, Violation, Workspace } from "./workspaces.ts";

interface SourceRule {
  pattern: RegExp;
  message: string;
  /** Whether this place may do it; `nearby` is the line with the two above it. */
  isAllowed(file: SourceFile, nearby: string): boolean;
}

const rules: readonly SourceRule[] = [
  {
    pattern: /\bprocess\.env\b/,
    message: "process.env is read in env.ts only",
    isAllowed: (file) =>
      file.isTest ||
      /(^|\/)env\.ts$|\.config\.ts$|\/examples\//.test(file.path) ||
      file.path.startsWith("packages/dev/"),
  },
  {
    pattern: /\bMath\.random\b/,
    message: "Math.random is for jitter only, and says so in its line or the file's name",
    isAllowed: (file, nearby) =>
      file.isTest || /jitter|backoff|retry/i.test(file.path) || /jitter/i.test(nearby),
  },
  {
    pattern: /\bas unknown as\b/,
    message: "a double cast hides a wrong type: narrow or describe it instead",
    isAllowed: () => false,
  },
];

/** Rules about single lines that concern the architecture and no linter knows. Comments do not count. */
export function checkSourceRules(workspaces: readonly Workspace[]): Violation[] {
  return workspaces.flatMap(({ files }) => files.flatMap(checkFile));
}

function checkFile(file: SourceFile): Violation[] {
  const concerned = rules.filter(({ pattern }) => pattern.test(file.text));
  if (concerned.length === 0) return [];
  const lines = file.text.split("\n");
  return lines.flatMap((line, index) =>
    concerned.flatMap(({ pattern, message, isAllowed }) => {
      const code = line.replace(/^\s*(\*|\/\/|\/\*).*$/, "").replace(/\/\/ .*$/, "");
      if (!pattern.test(code.replaceAll(/"(?:\\.|[^"\\])*"/g, '""'))) return [];
      const nearby = lines.slice(Math.max(0, index - 2), index + 1).join("\n");
      return isAllowed(file, nearby) ? [] : [{ path: file.path, line: index + 1, message }];
    }),
  );
}
