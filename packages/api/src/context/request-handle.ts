/**
 * What tRPC carries as its context: a token without contents. Everything a procedure may use hangs on it in
 * `request-context.ts`, found by the first middleware. A router's emitted type names its context, so this file
 * imports nothing: a program that takes `AppRouter` then needs no package of the server.
 */
export class RequestHandle {
  // Makes the class nominal: no other object passes for a handle.
  readonly #brand = true;

  static isHandle(value: unknown): value is RequestHandle {
    return typeof value === "object" && value !== null && #brand in value;
  }
}
