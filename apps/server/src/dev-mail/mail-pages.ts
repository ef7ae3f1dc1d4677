import { type Database, mailQueries } from "@cardinal/db";
import { type RequestHandler, Router } from "express";
import { sendFault } from "../http/error-response.ts";

const shown = 100;

/** The local mail outbox, for developers: every mail the worker would have sent, and how it looks. */
export function mailPages(db: Database): Router {
  const router = Router();
  router.use(pagePolicy);

  router.get("/", async (_request, response) => {
    const mails = await db.read((tx) => mailQueries.list(tx, shown));
    const rows = mails.map(
      (mail) =>
        `<tr><td><time>${new Date(mail.createdAtMs).toISOString()}</time></td><td>${escapeHtml(mail.toAddress)}</td>` +
        `<td><a href="/dev/mail/${encodeURIComponent(mail.id)}">${escapeHtml(mail.subject)}</a></td>` +
        `<td>${escapeHtml(mail.state)}</td></tr>`,
    );
    const table =
      rows.length === 0
        ? "<p>No mail yet. Sign up, and the welcome mail appears here.</p>"
        : `<table><thead><tr><th>Sent</th><th>To</th><th>Subject</th><th>State</th></tr></thead>` +
          `<tbody>${rows.join("")}</tbody></table>`;
    response.send(page("Mail outbox", table));
  });

  const showMail: RequestHandler<{ id: string }> = async (request, response) => {
    const mail = await db.read((tx) => mailQueries.findById(tx, request.params.id));
    if (mail === undefined) {
      sendFault(response, {
        status: 404,
        code: "NOT_FOUND",
        reason: "NOT_FOUND",
        message: "There is no such mail.",
      });
      return;
    }
    response.send(
      page(
        mail.subject,
        `<p><a href="/dev/mail">All mail</a></p>` +
          `<dl><dt>From</dt><dd>${escapeHtml(mail.fromAddress)}</dd><dt>To</dt><dd>${escapeHtml(mail.toAddress)}</dd></dl>` +
          // A mail is foreign content: it runs no scripts and reaches nothing.
          `<iframe sandbox="allow-popups" title="The mail" srcdoc="${escapeHtml(mail.html)}"></iframe>` +
          `<h2>As text</h2><pre>${escapeHtml(mail.text)}</pre>`,
      ),
    );
  };
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 hands rejections to its error handler.
  router.get("/:id", showMail);
  return router;
}

const pagePolicy: RequestHandler = (_request, response, next) => {
  response.set({
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
    "cache-control": "no-store",
  });
  next();
};

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width"><style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .4rem .6rem .4rem 0; }
iframe { width: 100%; height: 30rem; border: 1px solid #8886; border-radius: .5rem; background: white; }
pre { white-space: pre-wrap; } dt { font-weight: 600; }
</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
