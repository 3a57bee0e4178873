/** What both ends of a sandbox's channel agree on; bundled into envd, so it imports nothing. */

/** E2B's port for envd itself. */
export const ENVD_PORT = 49_983;

/** Where the egress proxy is found inside a sandbox, on 127.0.0.1. */
export const EGRESS_PORT = 3128;
