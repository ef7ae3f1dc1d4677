import { expect, test } from "vitest";
import { passwordResetMail } from "./password-reset-mail.ts";
import { welcomeMail } from "./welcome-mail.ts";

const hostile = `<img src=x onerror=alert(1)>"'&\r\nBcc: eve@example.org`;

test("a hostile name stays text in the HTML part and one line in the subject", () => {
  const mail = welcomeMail({ displayName: hostile, username: "eve" }, "https://cardinal.test");
  expect(mail.html).not.toContain("<img");
  expect(mail.html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp; Bcc:");
  expect(mail.subject).not.toMatch(/[\r\n]/);
});

test("both parts say the same and carry the link", () => {
  const mail = welcomeMail({ displayName: "Ada", username: "ada" }, "https://cardinal.test");
  for (const part of [mail.text, mail.html]) {
    expect(part).toContain("Hello Ada");
    expect(part).toContain("https://cardinal.test");
  }
});

test("the reset link is escaped in its attribute", () => {
  const resetUrl = 'https://cardinal.test/reset-password?a=1&b="2"#token=abc';
  const mail = passwordResetMail({ displayName: "Ada" }, { resetUrl, validMinutes: 60 });
  expect(mail.text).toContain(resetUrl);
  expect(mail.html).toContain('href="https://cardinal.test/reset-password?a=1&amp;b=&quot;2&quot;#token=abc"');
});
