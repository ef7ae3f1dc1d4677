export { type ServerConfig, toConfig } from "./config.ts";
export { InvalidEnvironment, readEnv, type ServerEnv } from "./env.ts";
export { createServerContext, type ServerContext, type ServerOverrides } from "./server-context.ts";
export { PortTaken, type RunningServer, startServer } from "./start-server.ts";
