/** A request that is wrong as such, before any function is looked for. */
export class RequestError extends Error {
  override name = "RequestError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
