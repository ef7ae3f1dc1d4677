/**
 * The API's limits of a message, spelled here once more so that the chat page need not load the validation
 * library for two numbers. A test holds them to `@cardinal/api/schemas`.
 */
export const MESSAGE_MAX_CHARACTERS = 4_000;
export const MESSAGE_MAX_BYTES = 16_384;
