export interface Token {
  kind: "word" | "string" | "punctuation";
  /** For a string its content, otherwise the text. */
  text: string;
  line: number;
}

/** After one of these a slash begins a regular expression, not a division. */
const beforeExpression = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "await",
  "yield",
]);

/**
 * Splits TypeScript into words, strings and punctuation, without comments. Enough to find imports and names;
 * it is no parser. A quote that is no string (an apostrophe in JSX text) ends with its line.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /(?<space>\s+)|(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?)|(?<word>[\p{L}_$#@][\p{L}\p{N}_$]*)|(?<number>\d[\w.]*)|(?<other>[\s\S])/gu;
  let line = 1;
  let position = 0;
  /** Open template literals, each with the depth of braces inside its placeholder. */
  const templates: number[] = [];
  while (position < source.length) {
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match === null) break;
    let text = match[0];
    const { string, word, number, other } = match.groups ?? {};
    if (string !== undefined) {
      tokens.push({ kind: "string", text: string.slice(1).replace(/["']$/, ""), line });
    } else if (word !== undefined) {
      tokens.push({ kind: "word", text: word, line });
    } else if (number !== undefined) {
      tokens.push({ kind: "punctuation", text: number, line });
    } else if (other !== undefined) {
      const depth = templates.at(-1);
      if (other === "/" && startsExpression(tokens.at(-1))) {
        text = readRegularExpression(source, position);
        tokens.push({ kind: "punctuation", text: "/regexp/", line });
      } else if (other === "`" || (other === "}" && depth === 0)) {
        if (other === "}") templates.pop();
        text = readTemplate(source, position);
        if (text.endsWith("${")) templates.push(0);
        tokens.push({ kind: "punctuation", text: "`", line });
      } else {
        if (depth !== undefined && other === "{") templates[templates.length - 1] = depth + 1;
        if (depth !== undefined && other === "}") templates[templates.length - 1] = depth - 1;
        tokens.push({ kind: "punctuation", text: other, line });
      }
    }
    line += text.split("\n").length - 1;
    position += text.length;
  }
  return tokens;
}

function startsExpression(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "word") return beforeExpression.has(before.text);
  return before.kind === "punctuation" && !/^([)\]}`]|\d.*|\/regexp\/)$/.test(before.text);
}

/** From the slash to the end of the literal; only the slash where the line ends first. */
function readRegularExpression(source: string, start: number): string {
  const match = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/.exec(
    source.slice(start, start + 2000),
  );
  return match === null ? "/" : match[0];
}

/** From a backtick or the brace that closes a placeholder to the next placeholder or the closing backtick. */
function readTemplate(source: string, start: number): string {
  let position = start + 1;
  while (position < source.length) {
    if (source[position] === "\\") position += 2;
    else if (source[position] === "`") return source.slice(start, position + 1);
    else if (source.startsWith("${", position)) return source.slice(start, position + 2);
    else position += 1;
  }
  return source.slice(start);
}
