/**
 * System calls that no build, test or server needs, and that reach code of the kernel where walls have broken:
 * numbers on x86-64 and on 64-bit ARM (asm/unistd_64.h and asm-generic/unistd.h of Linux 6.1), 0 where there
 * is none. What it costs: debuggers that attach (gdb, strace), profilers (perf) and io_uring do not work
 * inside; Node's and Chromium's inspectors, which use sockets, do.
 */
const DENIED: Record<string, readonly [number, number]> = {
  acct: [163, 89],
  add_key: [248, 217],
  bpf: [321, 280],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  delete_module: [176, 106],
  fanotify_init: [300, 262],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
  ioperm: [173, 0],
  iopl: [172, 0],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  lookup_dcookie: [212, 18],
  migrate_pages: [256, 238],
  modify_ldt: [154, 0],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  move_pages: [279, 239],
  name_to_handle_at: [303, 264],
  nfsservctl: [180, 42],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pivot_root: [155, 41],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  request_key: [249, 218],
  setdomainname: [171, 162],
  sethostname: [170, 161],
  setns: [308, 268],
  settimeofday: [164, 170],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  sysfs: [139, 0],
  umount2: [166, 39],
  unshare: [272, 97],
  uselib: [134, 0],
  userfaultfd: [323, 282],
  ustat: [136, 0],
  vhangup: [153, 58],
};

interface Platform {
  /** Place of its numbers in {@link DENIED}. */
  column: 0 | 1;
  /** AUDIT_ARCH_* of linux/audit.h. */
  arch: number;
  clone: number;
  clone3: number;
  socket: number;
}

const PLATFORMS: Partial<Record<NodeJS.Architecture, Platform>> = {
  x64: { column: 0, arch: 0xc000003e, clone: 56, clone3: 435, socket: 41 },
  arm64: { column: 1, arch: 0xc00000b7, clone: 220, clone3: 435, socket: 198 },
};

/** Unix, IPv4, IPv6 and netlink, which lists interfaces. Others, such as vsock, no network namespace holds. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** All CLONE_NEW* flags of linux/sched.h that clone(2) takes. */
const NAMESPACE_FLAGS = 0x7e02_0000;
/** Numbers of x86-64's x32 form start here. */
const X32_BIT = 0x4000_0000;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Codes of classic BPF (linux/bpf_common.h) and what a filter returns (linux/seccomp.h). */
const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff_0000;
const errno = (code: number): number => 0x0005_0000 | code;

/** Offsets in struct seccomp_data; of an argument the low half, both platforms being little-endian. */
const NUMBER = 0;
const ARCH = 4;
const FIRST_ARGUMENT = 16;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** Each test skips the one `return` behind it or falls into it, so that no jump needs counting. */
function program({ column, arch, clone, clone3, socket }: Platform): Instruction[] {
  const numbers = Object.values(DENIED).map((pair) => pair[column]);
  const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
  const give = (value: number): Instruction => [RETURN, 0, 0, value];
  const families = SOCKET_FAMILIES.flatMap((family): Instruction[] => [
    [IF_EQUAL, 0, 1, family],
    give(ALLOW),
  ]);
  return [
    load(ARCH),
    [IF_EQUAL, 1, 0, arch],
    give(errno(ENOSYS)),
    load(NUMBER),
    [IF_AT_LEAST, 0, 1, X32_BIT],
    give(errno(ENOSYS)),
    ...numbers
      .filter((number) => number > 0)
      .flatMap((number): Instruction[] => [[IF_EQUAL, 0, 1, number], give(errno(EPERM))]),
    // Its flags lie in memory, out of a filter's sight; C libraries then use clone.
    [IF_EQUAL, 0, 1, clone3],
    give(errno(ENOSYS)),
    [IF_EQUAL, 0, 3, clone],
    load(FIRST_ARGUMENT),
    [IF_ANY_BIT, 0, 4 + families.length, NAMESPACE_FLAGS],
    give(errno(EPERM)),
    [IF_EQUAL, 0, 2 + families.length, socket],
    load(FIRST_ARGUMENT),
    ...families,
    give(errno(EAFNOSUPPORT)),
    give(ALLOW),
  ];
}

/**
 * The filter of system calls that every process of a sandbox has, as bubblewrap's `--seccomp` reads it: an
 * array of struct sock_filter. Undefined on processors that it is not written for.
 */
export function seccompFilter(platform = PLATFORMS[process.arch]): Buffer | undefined {
  if (!platform) return undefined;
  const instructions = program(platform);
  const bytes = Buffer.alloc(instructions.length * 8);
  for (const [i, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(ifTrue, i * 8 + 2);
    bytes.writeUInt8(ifFalse, i * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, i * 8 + 4);
  }
  return bytes;
}
