import { isOutage, RedisReplyError } from "../errors.ts";

/** Redis is away; this user may not ask; or the server has no answer. */
export type HiddenWhy = "away" | "forbidden" | "missing";

export interface Hidden {
  readonly ok: false;
  /** In words, for people. */
  readonly reason: string;
  readonly why: HiddenWhy;
}

/** A figure, or why there is none: what the server refuses to tell is hidden, never a failure. */
export type Figure<T> = { readonly ok: true; readonly value: T } | Hidden;

export function shown<T>(value: T): Figure<T> {
  return { ok: true, value };
}

export function hidden(reason: string, why: HiddenWhy = "missing"): Hidden {
  return { ok: false, reason, why };
}

/** What a question to Redis gives; `what` is the command, for the reason when it is refused. */
export async function figureOf<T>(what: string, asking: Promise<T>): Promise<Figure<T>> {
  try {
    return shown(await asking);
  } catch (error) {
    return toHidden(what, error);
  }
}

export function toHidden(what: string, error: unknown): Hidden {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RedisReplyError) {
    return error.reply === "NOPERM"
      ? hidden(`this user may not run ${what}`, "forbidden")
      : hidden(`the server does not answer ${what}: ${message}`);
  }
  return isOutage(error) ? hidden(`Redis is away: ${message}`, "away") : hidden(message);
}

/** Goes on with what is shown, and keeps the reason of what is hidden. */
export function mapFigure<T, U>(figure: Figure<T>, read: (value: T) => Figure<U>): Figure<U> {
  return figure.ok ? read(figure.value) : figure;
}
