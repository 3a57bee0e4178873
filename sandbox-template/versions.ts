/** What runs in Studio's sandboxes, here and on E2B alike. package.json pins the same for this machine. */
export const VERSIONS = {
  node: "24.21.0",
  opencode: "1.18.33",
  sandboxAgent: "0.4.2",
} as const;
