/** A member's program: is present in the site and follows a room. `node ghost-client.ts URL TOKEN ROOM`. */
import { openLiveClient } from "./live-client.ts";

const [url = "", token = "", roomId = ""] = process.argv.slice(2);
const { api } = openLiveClient(url, token, "websocket");
api.presence.onChange.subscribe(
  { room: "site" },
  {
    onData: () =>
      api.chat.onEvent.subscribe({ roomId }, { onData: ({ data }) => process.send?.(data.kind) }),
  },
);
process.on("disconnect", () => process.exit(0));
