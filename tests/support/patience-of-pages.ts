import { WAIT_TIMEOUT_MS } from "./patience.ts";

// Most unit tests have no page, and none of its library to load.
if ("document" in globalThis) {
  const { configure } = await import("@testing-library/react");
  configure({ asyncUtilTimeout: WAIT_TIMEOUT_MS });
}
