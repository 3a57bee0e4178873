/** What a sandbox's walls are tried on: by `npm run sandbox:demo`, and from a session's Sandbox tab. */
export const WALL_CHECKS = {
  files: { title: "Other users' files", attempt: "Read the system's passwords and root's keys" },
  programs: {
    title: "Other users' programs",
    attempt: "Read the environment of programs that it did not start",
  },
  system: { title: "The system's programs", attempt: "Change a program that other users run" },
  ports: { title: "The host's ports", attempt: "Connect to services that listen on the host itself" },
  metadata: { title: "The cloud's metadata", attempt: "Ask 169.254.169.254 for the host's credentials" },
  mount: { title: "Mounting", attempt: "Mount a file system, and become root in a namespace of its own" },
  trace: { title: "Tracing the agent", attempt: "Attach to the agent's process, and read its memory" },
  memory: { title: "More memory", attempt: "Take more memory than the sandbox may have" },
} as const;

export type WallId = keyof typeof WALL_CHECKS;
export const WALL_IDS = Object.keys(WALL_CHECKS) as WallId[];

/** What stopped an attempt: the kernel's error, or what else did. */
const REASONS: Record<string, string> = {
  EPERM: "The kernel doesn't permit it",
  EACCES: "The kernel denies access",
  EROFS: "The file system is read-only",
  ENOENT: "It isn't there",
  ENOSPC: "The kernel allows no more of them",
  ESRCH: "No such process is visible",
  ENETUNREACH: "The kernel has no route out of the sandbox",
  EHOSTUNREACH: "The kernel has no route out of the sandbox",
  ECONNREFUSED: "The sandbox's loopback is its own",
  ETXTBSY: "The kernel keeps running programs from being changed",
  policy: "Studio's network policy refuses it",
  silent: "Nothing answers",
  killed: "The kernel ended the process",
  unable: "The kernel gives no more",
};

/** A reason in words; a code that has none is shown as it is. */
export const wallReason = (code: string): string => REASONS[code] ?? code;
