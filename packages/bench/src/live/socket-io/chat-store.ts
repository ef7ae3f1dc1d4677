import { randomUUID } from "node:crypto";
import Sqlite from "better-sqlite3";

export interface ChatEvent {
  readonly seq: number;
  readonly kind: "message";
  readonly atMs: number;
  readonly message: object;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS user (
    id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, avatar_hue INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS room (id TEXT PRIMARY KEY, head_seq INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE IF NOT EXISTS room_member (
    room_id TEXT NOT NULL REFERENCES room(id), user_id TEXT NOT NULL REFERENCES user(id), PRIMARY KEY (room_id, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS message (
    id TEXT PRIMARY KEY, room_id TEXT NOT NULL REFERENCES room(id), seq INTEGER NOT NULL,
    author_id TEXT NOT NULL REFERENCES user(id), body TEXT NOT NULL, client_message_id TEXT, created_at INTEGER NOT NULL,
    UNIQUE (room_id, seq), UNIQUE (author_id, client_message_id)
  ) STRICT;`;

/** The tables of a chat as its users write it, with the settings of Cardinal's: WAL, on disk when committed. */
export class ChatStore {
  readonly #database: Sqlite.Database;
  readonly #append: (room: string, author: string, body: string, clientMessageId: string) => ChatEvent;
  readonly #isMember: Sqlite.Statement<[string, string]>;

  constructor(path: string) {
    // Long: a profiler's signals cut short each sleep of those it is made of.
    this.#database = new Sqlite(path, { timeout: 60_000 });
    this.#database.pragma("journal_mode = WAL");
    this.#database.pragma("synchronous = FULL");
    this.#database.pragma("foreign_keys = ON");
    this.#database.exec(TABLES);
    this.#isMember = this.#database.prepare("SELECT 1 FROM room_member WHERE room_id = ? AND user_id = ?");
    this.#append = this.#prepareAppend();
  }

  isMember(roomId: string, userId: string): boolean {
    return this.#isMember.get(roomId, userId) !== undefined;
  }

  membersOf(roomId: string): string[] {
    return this.#database
      .prepare<[string], string>("SELECT user_id FROM room_member WHERE room_id = ?")
      .pluck()
      .all(roomId);
  }

  /** Numbers the message, stores it and answers it with its author; committed when this returns. */
  append(roomId: string, authorId: string, body: string, clientMessageId: string): ChatEvent {
    return this.#append(roomId, authorId, body, clientMessageId);
  }

  addUsers(count: number): string[] {
    const insert = this.#database.prepare("INSERT INTO user VALUES (?, ?, ?, ?)");
    return this.#database.transaction(() =>
      Array.from({ length: count }, (_, index) => {
        const id = randomUUID();
        insert.run(id, `member${index}`, `Member ${index}`, index % 360);
        return id;
      }),
    )();
  }

  addRoom(): string {
    const id = randomUUID();
    this.#database.prepare("INSERT INTO room (id) VALUES (?)").run(id);
    return id;
  }

  addMembers(members: readonly { readonly roomId: string; readonly userId: string }[]): void {
    const insert = this.#database.prepare("INSERT INTO room_member VALUES (?, ?)");
    this.#database.transaction(() => members.forEach(({ roomId, userId }) => insert.run(roomId, userId)))();
  }

  close(): void {
    this.#database.close();
  }

  #prepareAppend() {
    const database = this.#database;
    const next = database.prepare<[string], { seq: number }>(
      "UPDATE room SET head_seq = head_seq + 1 WHERE id = ? RETURNING head_seq AS seq",
    );
    const insert = database.prepare("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)");
    const author = database.prepare<[string], object>(
      "SELECT id, username, display_name AS displayName, avatar_hue AS avatarHue FROM user WHERE id = ?",
    );
    return database.transaction((roomId: string, authorId: string, body: string, clientMessageId: string) => {
      const id = randomUUID();
      const atMs = Date.now();
      const seq = next.get(roomId)?.seq ?? 0;
      insert.run(id, roomId, seq, authorId, body, clientMessageId, atMs);
      const times = { createdAtMs: atMs, editedAtMs: null, deletedAtMs: null };
      const rest = { ...times, clientMessageId, replyTo: null, reactions: [] };
      const message = { id, roomId, number: seq, seq, author: author.get(authorId) ?? null, body, ...rest };
      return { seq, kind: "message" as const, atMs, message };
    }).immediate;
  }
}
