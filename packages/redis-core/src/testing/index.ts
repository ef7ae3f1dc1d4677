export { createTestCore, type TestCore, type TestCoreOptions } from "./create-test-core.ts";
