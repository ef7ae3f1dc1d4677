import { createHash, randomBytes } from "node:crypto";
import { type Database, mailQueries, oneTimeTokenQueries, outboxQueries } from "@cardinal/db";
import { type JobContract, type JobInput, enqueue, sendPasswordResetEmail, sendWelcomeEmail } from "@cardinal/jobs";
import { describe, expect, inject, test } from "vitest";
import { createConfig } from "../src/config.ts";
import { createLog } from "../src/create-log.ts";
import { readEnv } from "../src/env.ts";
import { type WorkerContext, createWorkerContext } from "../src/worker-context.ts";
import { type FakeSmtpServer, startFakeSmtpServer } from "./bed/fake-smtp-server.ts";
import { createTemporaryDatabase } from "./bed/temporary-database.ts";

const redisUrl = inject("redisUrl");

/** The worker's whole composition in this process, on a key prefix of its own. */
function createContext(db: Database, smtpUrl = "local"): WorkerContext {
  const env = readEnv({
    NODE_ENV: "test",
    LOG_LEVEL: "silent",
    REDIS_URL: redisUrl,
    KEY_PREFIX: `t-${randomBytes(6).toString("hex")}`,
    SMTP_URL: smtpUrl,
    MAIL_FROM: "Cardinal <hello@cardinal.test>",
    PUBLIC_URL: "https://cardinal.test",
  });
  const config = createConfig(env);
  return createWorkerContext({ ...config, jobs: { ...config.jobs, relayPollMs: 20 } }, createLog(config), { db });
}

async function runToEnd<Job extends JobContract>(
  db: Database,
  context: WorkerContext,
  job: Job,
  payload: JobInput<Job>,
): Promise<string> {
  const ended = context.untilRun();
  const { jobId } = await db.write((tx) => enqueue(tx, job, payload));
  context.relay.wake();
  await ended;
  return jobId;
}

describe("without SMTP", () => {
  test("the welcome mail lies in the local outbox once, even when its job runs twice", async () => {
    await using database = await createTemporaryDatabase();
    await using context = createContext(database.db);
    await context.start();
    const userId = await database.addMember("ada", { displayName: "Ada <Lovelace>" });
    const jobId = await runToEnd(database.db, context, sendWelcomeEmail, { userId });

    const [mail, ...others] = await database.db.read((tx) => mailQueries.list(tx, 10));
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      idempotencyKey: jobId,
      userId,
      template: "welcome",
      toAddress: "ada@cardinal.test",
      fromAddress: "hello@cardinal.test",
      subject: "Welcome to Cardinal, Ada <Lovelace>",
      state: "stored",
    });
    expect(mail?.html).toContain("Ada &lt;Lovelace&gt;");

    // The same job once more, as after a crash between the commit and BullMQ's acknowledgement.
    const ended = context.untilRun();
    await context.queues.get("email").add("send-welcome-email", { outboxId: jobId }, { jobId: "again" });
    expect(await ended).toMatchObject({ outcome: "skipped" });
    expect(await database.db.read((tx) => mailQueries.list(tx, 10))).toHaveLength(1);
  });

  test("a member who has left gets none, and the job is done", async () => {
    await using database = await createTemporaryDatabase();
    await using context = createContext(database.db);
    await context.start();
    const jobId = await runToEnd(database.db, context, sendWelcomeEmail, { userId: "nobody" });
    expect(await database.db.read((tx) => outboxQueries.find(tx, jobId))).toMatchObject({ state: "done" });
    expect(await database.db.read((tx) => mailQueries.list(tx, 10))).toEqual([]);
  });

  test("a password reset carries a secret that only the mail knows", async () => {
    await using database = await createTemporaryDatabase();
    await using context = createContext(database.db);
    await context.start();
    const userId = await database.addMember("bo");
    const jobId = await runToEnd(database.db, context, sendPasswordResetEmail, { userId });
    const [mail] = await database.db.read((tx) => mailQueries.list(tx, 1));
    const secret = /reset-password#token=([\w-]{43})/.exec(mail?.text ?? "")?.[1] ?? "";
    const id = createHash("sha256").update(secret).digest("hex");
    const used = await database.db.write((tx) =>
      oneTimeTokenQueries.consume(tx, { id, purpose: "reset-password", nowMs: Date.now() }),
    );
    expect(used).toMatchObject({ userId });
    const row = await database.db.read((tx) => outboxQueries.find(tx, jobId));
    expect(JSON.stringify(row)).not.toContain(secret);
  });
});

describe("by SMTP", () => {
  async function sendTo(
    member: { displayName?: string; email?: string },
    smtpOptions?: Parameters<typeof startFakeSmtpServer>[0],
  ): Promise<{ smtp: FakeSmtpServer; state: string | undefined; lastError: string | null | undefined; jobId: string }> {
    await using database = await createTemporaryDatabase();
    const smtp = await startFakeSmtpServer(smtpOptions);
    await using context = createContext(database.db, smtp.url);
    await context.start();
    const userId = await database.addMember("eve", member);
    const jobId = await runToEnd(database.db, context, sendWelcomeEmail, { userId });
    const row = await database.db.read((tx) => outboxQueries.find(tx, jobId));
    expect(await database.db.read((tx) => mailQueries.list(tx, 1))).toEqual([]);
    return { smtp, state: row?.state, lastError: row?.lastError, jobId };
  }

  test("a mail has both parts, one recipient and an id made from its job", async () => {
    const { smtp, state, jobId } = await sendTo({ displayName: "Ève Ünï" });
    await using _ = smtp;
    expect(state).toBe("done");
    const [mail] = smtp.mails;
    expect(mail?.from).toContain("<hello@cardinal.test>");
    expect(mail?.recipients).toEqual(["RCPT TO:<eve@cardinal.test>"]);
    expect(mail?.data).toContain(`Message-ID: <${jobId}@cardinal.test>`);
    expect(mail?.data).toContain("Content-Type: text/plain");
    expect(mail?.data).toContain("Content-Type: text/html");
  });

  test.each([
    "Eve\r\nBcc: victim@example.org",
    "Eve\nX-Injected: yes",
    "Eve\r\n\r\nA body of my own",
    "Eve <victim@example.org>, Mallory",
    '"Eve" <victim@example.org>',
    "Eve\u2028Bcc: victim@example.org",
  ])("the name %j adds no header and no recipient", async (displayName) => {
    const { smtp, state } = await sendTo({ displayName });
    await using _ = smtp;
    expect(state).toBe("done");
    const [mail] = smtp.mails;
    expect(mail?.recipients).toEqual(["RCPT TO:<eve@cardinal.test>"]);
    const headers = (mail?.data ?? "").split("\r\n\r\n")[0] ?? "";
    const names = headers.split(/\r\n(?![ \t])/).map((line) => (line.split(":")[0] ?? "").toLowerCase());
    expect(names.toSorted()).toEqual(
      ["auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"].toSorted(),
    );
  });

  test.each(["eve@cardinal.test\r\nRCPT TO:<victim@example.org>", "eve@cardinal.test, victim@example.org", '"a@x y"@z.org'])(
    "the address %j reaches no server and its job is dead",
    async (email) => {
      const { smtp, state, lastError } = await sendTo({ email });
      await using _ = smtp;
      expect(state).toBe("dead");
      expect(lastError).toContain("not a plain mail address");
      expect(smtp.mails).toEqual([]);
    },
  );

  test("a recipient refused for good is a dead letter at once", async () => {
    const { smtp, state, lastError } = await sendTo({}, { refuseRecipients: true });
    await using _ = smtp;
    expect(state).toBe("dead");
    expect(lastError).toContain("the recipient was refused");
  });
});
