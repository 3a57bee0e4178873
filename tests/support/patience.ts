/**
 * How long a test waits for what it expects to come about. The libraries' own second says nothing where a test gives way
 * to a browser. It is below a test's own limit, so that what was waited for is named.
 */
export const WAIT_TIMEOUT_MS = 30_000;
