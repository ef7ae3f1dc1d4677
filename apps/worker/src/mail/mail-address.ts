/** The longest address SMTP can carry (RFC 5321, 4.5.3.1.3, less the angle brackets). */
const maxAddressBytes = 254;

/**
 * Whether `address` is one plain `local@domain`: ASCII, no quotes, comments, lists, white space or control
 * characters, at most 254 bytes. Stricter than RFC 5321 on purpose: what is refused here could only be used to reach
 * another recipient or add a header. Linear time, whatever the input.
 */
export function isPlainMailAddress(address: string): boolean {
  if (address.length > maxAddressBytes) return false;
  const at = address.indexOf("@");
  if (at < 1 || at > 64 || at !== address.lastIndexOf("@")) return false;
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  return isDotted(local, /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/) && isDomain(domain);
}

function isDomain(domain: string): boolean {
  if (!domain.includes(".") && domain !== "localhost") return false;
  return isDotted(domain, /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/);
}

function isDotted(text: string, part: RegExp): boolean {
  return text.split(".").every((piece) => part.test(piece));
}

/** One line of text for a header: control characters and line separators become a space, the length is bounded. */
export function headerText(text: string, maxLength = 200): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replaceAll(/ {2,}/g, " ")
    .trim()
    .slice(0, maxLength);
}

/** Reads `address` or `Name <address>`; null when it is neither. */
export function parseMailSender(text: string): { name: string; address: string } | null {
  const named = /^([^<>\p{Cc}]{1,80})<([^<>]+)>$/u.exec(text);
  const address = named?.[2] ?? text;
  return isPlainMailAddress(address) ? { name: (named?.[1] ?? "").trim(), address } : null;
}
