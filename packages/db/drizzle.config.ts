import { defineConfig } from "drizzle-kit";

// `pnpm generate` writes a migration for whatever changed in the schema, then makes its tables STRICT.
export default defineConfig({ dialect: "sqlite", schema: "./src/schema/index.ts", out: "./migrations" });
