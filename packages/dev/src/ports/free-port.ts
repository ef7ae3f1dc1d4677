import { createServer } from "node:net";

/**
 * A TCP port on 127.0.0.1 that was free a moment ago. Another process may take it before it is used, so
 * whoever starts a server on it tries again with another one when the server says that the address is in use.
 */
export function freePort(): Promise<number> {
  return bindOnce(0);
}

/** Whether nobody holds the port on `host` right now; true as well where the machine has no such address. */
export async function isPortFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  try {
    await bindOnce(port, host);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT";
  }
}

function bindOnce(port: number, host = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
