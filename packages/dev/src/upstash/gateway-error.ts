/** What the client is told, with a status of its own. */
export class GatewayError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}
