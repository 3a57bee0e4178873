import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { INSIDE_UID } from "./uids.ts";

const TMP_BYTES = 512 * 2 ** 20;

/** Made of nothing from the host: a sandbox learns no account, name or resolver of it. */
const ETC_FILES: Record<string, string> = {
  passwd:
    "root:x:0:0:root:/root:/bin/bash\n" +
    `user:x:${INSIDE_UID}:${INSIDE_UID}::/home/user:/bin/bash\n` +
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
  group: `root:x:0:\nuser:x:${INSIDE_UID}:\nnogroup:x:65534:\n`,
  hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
  hostname: "sandbox\n",
  "resolv.conf": "# Names are resolved by the proxy on 127.0.0.1:3128.\n",
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  // Login shells keep the PATH that they were started with.
  profile: "umask 022\n",
};

/** Files of the host's /etc that programs need to run, and that say nothing about it. */
const SHARED_ETC = [
  "/etc/ssl/openssl.cnf",
  "/etc/ca-certificates.conf",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/localtime",
  "/etc/mime.types",
  "/etc/magic",
];

/** Folders of the same kind with hundreds of files, which are mounted sooner than copied. */
const SHARED_FOLDERS = ["/etc/alternatives", "/etc/ssl/certs"];

const existing = (files: string[]): string[] => files.filter((file) => fs.existsSync(file));

/**
 * Writes the /etc of all sandboxes into `folder`, which must be new: one folder that is mounted is ready sooner
 * than a dozen files in it.
 */
export function writeEtc(folder: string): void {
  fs.mkdirSync(folder, { mode: 0o755 });
  const shared = existing(SHARED_ETC).map((file) => path.relative("/etc", file));
  // Links stay links: what they lead to, below /usr, is there inside.
  if (shared.length > 0) {
    execFileSync("cp", ["-a", "--parents", "--", ...shared, folder], { cwd: "/etc", stdio: "pipe" });
  }
  for (const mounted of existing(SHARED_FOLDERS)) {
    fs.mkdirSync(path.join(folder, path.relative("/etc", mounted)), { recursive: true });
  }
  for (const [name, content] of Object.entries(ETC_FILES)) fs.writeFileSync(path.join(folder, name), content);
}

/** Files of /proc that tell of the machine: each has a stand-in, written for each boot. */
const PROC_FILES = {
  /** As the kernel names its own boot. */
  boot_id: { target: "/proc/sys/kernel/random/boot_id", text: () => `${randomUUID()}\n` },
  /** How the machine was started, which may name its disks and more. */
  cmdline: { target: "/proc/cmdline", text: () => "\n" },
  /** Who built the kernel, and with what; `uname` has its release anyway. */
  version: { target: "/proc/version", text: () => `Linux version ${os.release()} (sandbox) #1 SMP\n` },
} as const;

/** Writes what a boot of the sandbox has in place of the machine's own files, into `folder`. */
export function writeProcFiles(folder: string): void {
  for (const [name, { text }] of Object.entries(PROC_FILES))
    fs.writeFileSync(path.join(folder, name), text());
}

export interface Walls {
  /** Holds `home`, `workspace` and what {@link writeProcFiles} writes. */
  folder: string;
  /** What {@link writeEtc} has written. */
  etc: string;
  readOnly: readonly { source: string; target: string }[];
  /** PATH for the command. */
  path: string;
  command: readonly string[];
}

/** /bin, /lib and so on as the host has them: links into /usr, or folders of their own. */
function systemFolders(): string[] {
  return ["bin", "sbin", "lib", "lib32", "lib64", "libx32"].flatMap((name) => {
    const folder = `/${name}`;
    const stats = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (!stats) return [];
    return stats.isSymbolicLink()
      ? ["--symlink", fs.readlinkSync(folder), folder]
      : ["--ro-bind", folder, folder];
  });
}

/**
 * The options of bubblewrap (bwrap(1), 0.8 or later: `--disable-userns`) for one sandbox, without its command.
 * `pathOf` gives the path under which the builder reaches a host path.
 */
export function wallOptions(walls: Walls, pathOf: (source: string) => string): string[] {
  const own = (name: string) => pathOf(path.join(walls.folder, name));
  return [
    ["user", "pid", "net", "ipc", "uts"].map((space) => `--unshare-${space}`),
    ["--unshare-cgroup-try", "--disable-userns"],
    ["--uid", String(INSIDE_UID), "--gid", String(INSIDE_UID)],
    ["--hostname", "sandbox"],
    ["--cap-drop", "ALL"],
    ["--new-session", "--die-with-parent", "--clearenv"],
    ["--ro-bind", "/usr", "/usr"],
    systemFolders(),
    ["--ro-bind", pathOf(walls.etc), "/etc"],
    existing(SHARED_FOLDERS).flatMap((mounted) => ["--ro-bind", mounted, mounted]),
    ["--proc", "/proc"],
    Object.entries(PROC_FILES).flatMap(([name, { target }]) => ["--ro-bind", own(name), target]),
    ["--dev", "/dev"],
    ["--perms", "1777", "--size", String(TMP_BYTES), "--tmpfs", "/tmp"],
    ["--perms", "1777", "--size", String(TMP_BYTES), "--tmpfs", "/var/tmp"],
    ["--size", String(TMP_BYTES), "--tmpfs", "/run"],
    ["--size", String(TMP_BYTES), "--tmpfs", "/root"],
    ["--bind", own("home"), "/home/user"],
    ["--bind", own("workspace"), "/workspace"],
    walls.readOnly.flatMap(({ source, target }) => ["--ro-bind", pathOf(source), target]),
    ["--setenv", "PATH", walls.path],
    ["--setenv", "LANG", "C.UTF-8"],
    ["--chdir", "/home/user"],
  ].flat();
}
