import { type Token, tokenize } from "./tokens.ts";

export interface FoundImport {
  specifier: string;
  line: number;
  /** Whether nothing of it is left at run time: `import type`, `export type … from`, `typeof import()`. */
  isType: boolean;
}

/**
 * Every module that a source names: static imports, re-exports, `import()` and `new URL("…",
 * import.meta.url)`. `import { type A }` counts as an import of values, because it still loads the module.
 */
export function findImports(source: string): FoundImport[] {
  const tokens = tokenize(source);
  const found: FoundImport[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || tokens[index - 1]?.text === ".") continue;
    const next = tokens[index + 1];
    if (next === undefined) continue;
    if (token.text === "import") {
      if (next.kind === "string") {
        found.push({ specifier: next.text, line: token.line, isType: false });
      } else if (next.text === "(") {
        const isType = tokens[index - 1]?.text === "typeof";
        pushString(found, tokens[index + 2], isType);
      } else if (next.text !== ".") {
        pushString(found, findFrom(tokens, index + 1), isTypeOnly(tokens, index + 1));
      }
    } else if (token.text === "export" && /^(\{|\*|type)$/.test(next.text)) {
      pushString(found, findFrom(tokens, index + 1), isTypeOnly(tokens, index + 1));
    } else if (token.text === "URL" && next.text === "(") {
      if (tokens[index + 3]?.text === "," && tokens[index + 4]?.text === "import") {
        pushString(found, tokens[index + 2], true);
      }
    }
  }
  return found;
}

function pushString(found: FoundImport[], token: Token | undefined, isType: boolean): void {
  if (token?.kind === "string") found.push({ specifier: token.text, line: token.line, isType });
}

/** `type` as a modifier, not a default import that happens to be called so. */
function isTypeOnly(tokens: readonly Token[], index: number): boolean {
  const after = tokens[index + 1]?.text;
  return tokens[index]?.text === "type" && after !== "from" && after !== ",";
}

/** The string after `from`, when only the names of one import or export clause stand between. */
function findFrom(tokens: readonly Token[], start: number): Token | undefined {
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.text === "from" && tokens[index + 1]?.kind === "string") return tokens[index + 1];
    if (
      token === undefined ||
      (token.kind !== "word" && token.kind !== "string" && !/^[{},*]$/.test(token.text))
    ) {
      return undefined;
    }
  }
  return undefined;
}
