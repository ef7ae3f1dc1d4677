export { ioredisPort, type IoredisPortOptions } from "./ioredis-port.ts";
