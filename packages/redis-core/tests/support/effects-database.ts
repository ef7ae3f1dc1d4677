import { DatabaseSync } from "node:sqlite";

/** The part of a product's database that finalizations and flushes write to. */
export function openEffects(path: string) {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA busy_timeout = 10000;
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS paid (finalization TEXT PRIMARY KEY, claim INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS prize (finalization TEXT NOT NULL, member TEXT NOT NULL, rank INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS flushed (counter TEXT PRIMARY KEY, number INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS total (item TEXT PRIMARY KEY, count INTEGER NOT NULL);
  `);
  return {
    /** Begins, calls, and commits what it says to commit. */
    async write(work: () => Promise<boolean> | boolean): Promise<void> {
      database.exec("BEGIN IMMEDIATE");
      let isCommitted = false;
      try {
        isCommitted = await work();
      } finally {
        database.exec(isCommitted ? "COMMIT" : "ROLLBACK");
      }
    },
    /** False when the finalization was paid before. */
    notePaid: (finalization: string, claim: bigint) =>
      database.prepare("INSERT OR IGNORE INTO paid VALUES (?, ?)").run(finalization, claim).changes === 1,
    addPrize: (finalization: string, member: string, rank: number) =>
      database.prepare("INSERT INTO prize VALUES (?, ?, ?)").run(finalization, member, rank),
    /** False when the claim was stored before. */
    noteFlushed(counter: string, number: number) {
      database.prepare("INSERT OR IGNORE INTO flushed VALUES (?, 0)").run(counter);
      const advance = database.prepare("UPDATE flushed SET number = ? WHERE counter = ? AND number < ?");
      return advance.run(number, counter, number).changes === 1;
    },
    addTotal: (item: string, count: number) =>
      database
        .prepare("INSERT INTO total VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count")
        .run(item, count),
    listPrizes: (finalization: string) =>
      database
        .prepare("SELECT member, rank FROM prize WHERE finalization = ? ORDER BY rank")
        .all(finalization)
        .map(({ member, rank }) => ({ member: String(member), rank: Number(rank) })),
    listTotals: () =>
      new Map(
        database
          .prepare("SELECT item, count FROM total")
          .all()
          .map(({ item, count }): [string, number] => [String(item), Number(count)]),
      ),
    close: () => database.close(),
  };
}
