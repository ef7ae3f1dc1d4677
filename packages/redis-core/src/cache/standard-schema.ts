/** The part of the Standard Schema specification (v1) that the cache needs: zod, valibot, arktype have it. */
export interface StandardSchema<T> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>;
  };
}

type StandardResult<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly unknown[] };

/** True when the value passes. The schema's own output is not used: what was stored is what is served. */
export async function passesSchema<T>(schema: StandardSchema<T>, value: unknown): Promise<boolean> {
  const result = await schema["~standard"].validate(value);
  return result.issues === undefined;
}
