import { MalformedCursor } from "../../errors/domain-errors.ts";

/** Where a page of posts ended. */
interface PostPlace {
  readonly publishedAtMs: number;
  readonly id: string;
}

/** The cursor of a place: opaque to callers, readable to us. */
export function writePostCursor({ publishedAtMs, id }: PostPlace): string {
  return Buffer.from(`${publishedAtMs}.${id}`).toString("base64url");
}

/** @throws {MalformedCursor} for anything `writePostCursor` did not write. */
export function readPostCursor(cursor: string): PostPlace {
  const found = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(Buffer.from(cursor, "base64url").toString());
  const [, publishedAt, id] = found ?? [];
  if (publishedAt === undefined || id === undefined) {
    throw new MalformedCursor();
  }
  return { publishedAtMs: Number(publishedAt), id };
}
