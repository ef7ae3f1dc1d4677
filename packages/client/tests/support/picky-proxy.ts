import { createServer, request as send } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { once } from "node:events";

/** A proxy that passes WebSockets on until it is told not to, as one whose rules change. */
export interface PickyProxy {
  readonly url: string;
  /** Cuts the WebSockets there are and refuses new ones; all else goes on. */
  refuseWebSockets(): void;
  stop(): void;
}

export async function startPickyProxy(port: number): Promise<PickyProxy> {
  const sockets = new Set<Socket>();
  let isPicky = false;
  const proxy = createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = send({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  proxy.on("upgrade", (request, stream) => {
    if (isPicky) {
      stream.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    const onward = connect(port, "127.0.0.1");
    const lines = [`GET ${request.url} HTTP/1.1`];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
    }
    onward.write(`${lines.join("\r\n")}\r\n\r\n`);
    for (const end of [onward, stream]) {
      end.on("error", () => undefined);
      end.on("close", () => [onward, stream].forEach((each) => each.destroy()));
    }
    sockets.add(onward);
    onward.pipe(stream);
    stream.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return {
    url: `http://127.0.0.1:${address.port}`,
    refuseWebSockets() {
      isPicky = true;
      for (const socket of sockets) socket.destroy();
    },
    stop() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
