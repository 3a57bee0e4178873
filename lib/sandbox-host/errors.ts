/** A failure that the control plane tells its caller, in E2B's shape `{code, message}`. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Why the host cannot start, as one sentence for the person who started it. */
export class StartError extends Error {}
