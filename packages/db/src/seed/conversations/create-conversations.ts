import type { SeededMember } from "../members.ts";
import type { Random } from "../random.ts";
import { MS } from "../seed-time.ts";
import { WORDS } from "./words.ts";

export interface SpokenLine {
  atMs: number;
  speaker: SeededMember;
  text: string;
  /** The line before it in the same conversation, if someone else said it. */
  answers: SpokenLine | undefined;
  /** Set once the line has become a message. */
  messageId: string | undefined;
}

export interface ConversationOptions {
  /** Conversations as text; see the files beside this one. */
  scripts: readonly string[];
  /** How many lines in all. */
  count: number;
  speakers: readonly SeededMember[];
  random: Random;
  fromMs: number;
  toMs: number;
  /** Members who say nothing from an instant on. */
  quiet: { usernames: readonly string[]; fromMs: number };
}

interface ScriptLine {
  part: string;
  wordings: string[];
}

/** Conversations spread over weeks, more by day than by night, exactly `count` lines, ordered by time. */
export function createConversations(options: ConversationOptions): SpokenLine[] {
  const { random } = options;
  const scripts = options.scripts.map(parseScript);
  // In the order of time every script is used once before any is used again.
  const chosen: ScriptLine[][] = [];
  for (let lines = 0; lines < options.count;) {
    const turn = random.shuffle(scripts);
    chosen.push(...turn);
    lines += turn.reduce((sum, script) => sum + script.length, 0);
  }
  const starts = chosen.map(() => pickStart(options)).sort((a, b) => a - b);
  const lines = chosen.flatMap((script, index) => speak(script, starts[index] ?? options.fromMs, options));
  return lines.slice(-options.count).sort((a, b) => a.atMs - b.atMs);
}

function speak(script: readonly ScriptLine[], startMs: number, options: ConversationOptions): SpokenLine[] {
  const { random, quiet } = options;
  const awake = options.speakers.filter(
    (member) => startMs < quiet.fromMs || !quiet.usernames.includes(member.username),
  );
  const cast = random.shuffle(awake);
  const parts = [...new Set(script.map((line) => line.part))];
  const filling = new Map<string, string>();
  let atMs = startMs;
  let previous: SpokenLine | undefined;
  return script.flatMap(({ part, wordings }) => {
    const speaker = cast[parts.indexOf(part)];
    if (speaker === undefined) return [];
    const text = fill(random.pick(wordings), filling, random);
    const answers = previous?.speaker === speaker ? undefined : previous;
    const line: SpokenLine = { atMs, speaker, text, answers, messageId: undefined };
    previous = line;
    atMs = Math.min(options.toMs, atMs + random.integer(12, 260) * 1_000 + random.integer(0, 999));
    return [line];
  });
}

/** Weekdays between 7 and 22 UTC for the most part. */
function pickStart({ random, fromMs, toMs }: ConversationOptions): number {
  for (;;) {
    const atMs = fromMs + Math.floor(random.next() * (toMs - fromMs - MS.hour));
    const date = new Date(atMs);
    const isWeekend = date.getUTCDay() % 6 === 0;
    const isNight = date.getUTCHours() < 7 || date.getUTCHours() > 21;
    if (random.chance((isWeekend ? 0.35 : 1) * (isNight ? 0.12 : 1))) return atMs;
  }
}

/** A slot is filled once for a conversation, so that people talk about the same thing. */
function fill(wording: string, filling: Map<string, string>, random: Random): string {
  const text = wording.replaceAll(/\{(\w+)\}/g, (_slot, name: string) => {
    const known = filling.get(name) ?? random.pick(WORDS[name] ?? []);
    // Two latencies in one line are a before and an after.
    if (name !== "latency") filling.set(name, known);
    return known;
  });
  return text.replaceAll(/(^|[.?!] )(\p{Lowercase})/gu, (_start, before: string, letter: string) =>
    before.concat(letter.toUpperCase()),
  );
}

function parseScript(script: string): ScriptLine[] {
  return script.split("\n").map((line) => {
    const [part = "", text = ""] = line.trim().split(/: (.*)/s);
    return { part, wordings: text.split(" | ") };
  });
}
