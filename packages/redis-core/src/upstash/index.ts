export { upstashPort, type UpstashPortOptions } from "./upstash-port.ts";
