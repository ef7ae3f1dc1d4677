import { type AddressInfo, type Socket, createServer } from "node:net";

export type ReceivedMail = { from: string; recipients: string[]; data: string };

export type FakeSmtpServer = {
  url: string;
  mails: ReceivedMail[];
  /** The next mail, past or future. */
  nextMail(): Promise<ReceivedMail>;
  /** Resolves when a mail has been sent whole and waits for `answer`. */
  untilWaiting(): Promise<void>;
  /** Lets the mails that wait, and all after them, be acknowledged. */
  answer(): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A small SMTP server that keeps what it is sent. With `isSlow` it acknowledges no mail before `answer()`. */
export async function startFakeSmtpServer(
  options: { isSlow?: boolean; refuseRecipients?: boolean } = {},
): Promise<FakeSmtpServer> {
  const mails: ReceivedMail[] = [];
  const arrived = Promise.withResolvers<ReceivedMail>();
  const answered = Promise.withResolvers<void>();
  if (options.isSlow !== true) answered.resolve();
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.setEncoding("utf8");
    let buffer = "";
    let isData = false;
    let mail: ReceivedMail = { from: "", recipients: [], data: "" };
    const say = (line: string): void => void socket.write(`${line}\r\n`);

    const onCommand = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "EHLO" || verb === "HELO") return say("250 fake");
      if (verb === "MAIL") {
        mail = { from: line, recipients: [], data: "" };
        return say("250 ok");
      }
      if (verb === "RCPT") {
        mail.recipients.push(line);
        return say(options.refuseRecipients === true ? "550 no such mailbox" : "250 ok");
      }
      if (verb === "DATA") {
        isData = true;
        return say("354 go on");
      }
      say(verb === "QUIT" ? "221 bye" : "250 ok");
      if (verb === "QUIT") socket.end();
      return undefined;
    };

    const onMail = async (): Promise<void> => {
      const received = mail;
      mails.push(received);
      arrived.resolve(received);
      await answered.promise;
      if (socket.writable) say("250 taken");
    };

    say("220 fake ready");
    socket.on("data", (chunk: string) => {
      buffer += chunk;
      for (;;) {
        const end = isData ? buffer.indexOf("\r\n.\r\n") : buffer.indexOf("\r\n");
        if (end === -1) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (isData ? 5 : 2));
        if (isData) {
          isData = false;
          mail.data = text;
          void onMail();
        } else {
          onCommand(text);
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    nextMail: () => arrived.promise,
    untilWaiting: async () => void (await arrived.promise),
    answer: () => answered.resolve(),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
