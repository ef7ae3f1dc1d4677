const brand: unique symbol = Symbol("cardinal request");

/**
 * What tRPC carries as its context: a token without contents. Everything a procedure may use hangs on it in
 * `request-context.ts`, found by the first middleware. A router's emitted type names its context, so this
 * file imports nothing: a program that takes `AppRouter` then needs no package of the server.
 */
export class RequestHandle {
  /** Makes the type opaque: nothing but a handle has this property. */
  readonly [brand] = true;
}
