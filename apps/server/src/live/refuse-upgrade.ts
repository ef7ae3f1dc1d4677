import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** Answers an upgrade with a status and nothing else. */
export function refuseUpgrade(stream: Duplex, status: 400 | 403 | 404 | 503): void {
  stream.on("error", () => {});
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
