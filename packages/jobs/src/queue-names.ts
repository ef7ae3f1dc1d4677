/**
 * Every queue there is. A queue is a kebab noun; what runs in it together shares workers and concurrency, so work
 * that is slow in another way (CPU, network, database) gets a queue of its own.
 */
export const queueNames = ["email", "image", "maintenance"] as const;

export type QueueName = (typeof queueNames)[number];

export function isQueueName(value: string): value is QueueName {
  return queueNames.some((name) => name === value);
}

/**
 * BullMQ's key prefix. The braces put every queue of one installation into one Cluster slot, which BullMQ's scripts
 * need; `keyPrefix` is the same KEY_PREFIX the rest of the installation's keys start with.
 */
export function queueKeyPrefix(keyPrefix: string): string {
  return `{${keyPrefix}-jobs}`;
}
