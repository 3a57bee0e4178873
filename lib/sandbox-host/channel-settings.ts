/** What both ends of a sandbox's channel agree on; bundled into envd, so it imports nothing. */

/** E2B's port for envd itself. */
export const ENVD_PORT = 49_983;

/** Where the egress proxy is found inside a sandbox, on 127.0.0.1. */
export const EGRESS_PORT = 3128;

/** HTTP/2's default of 64 KiB a stream would make every tunnel wait for window updates. */
export const CHANNEL_WINDOW_BYTES = 8 * 2 ** 20;

export const CHANNEL_SETTINGS = {
  initialWindowSize: 2 ** 20,
  maxConcurrentStreams: 1024,
  enablePush: false,
};
