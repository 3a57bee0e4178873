# Mounts folders with their owner shown as another one: idmap.pl <owner> <shown> (<source> <target>)...
# See mount_setattr(2), MOUNT_ATTR_IDMAP; mount(8) knows it from util-linux 2.39 on. These calls have the same numbers
# on every processor.
use strict;
use warnings;
use constant { OPEN_TREE => 428, MOVE_MOUNT => 429, MOUNT_SETATTR => 442, AT_FDCWD => -100 };
use constant { AT_EMPTY_PATH => 0x1000, CLONE_TREE => 0x1 | 02000000, ATTR_IDMAP => 0x100000 };

my ($owner, $shown, @folders) = @ARGV;

# A user namespace that maps the one to the other, which a process holds for as long as the mounts take.
my $holder = open(my $said, "-|") // die "fork: $!\n";
exec("unshare", "--user", "sh", "-c", "echo held; exec sleep 30") or die "unshare: $!\n" unless $holder;
defined(my $line = <$said>) or die "no user namespace\n";
for my $map ("uid_map", "gid_map") {
  open(my $file, ">", "/proc/$holder/$map") or die "$map: $!\n";
  syswrite($file, "$owner $shown 1\n") or die "$map: $!\n";
}
open(my $namespace, "<", "/proc/$holder/ns/user") or die "namespace: $!\n";
kill("KILL", $holder);

my $empty = "\0";
while (my ($source, $target) = splice(@folders, 0, 2)) {
  my ($from, $to) = ("$source\0", "$target\0");
  my $tree = syscall(OPEN_TREE, AT_FDCWD, $from, CLONE_TREE);
  die "open_tree: $!\n" if $tree < 0;
  my $attributes = pack("QQQQ", ATTR_IDMAP, 0, 0, fileno($namespace));
  syscall(MOUNT_SETATTR, $tree, $empty, AT_EMPTY_PATH, $attributes, 32) == 0 or die "mount_setattr: $!\n";
  syscall(MOVE_MOUNT, $tree, $empty, AT_FDCWD, $to, 4) == 0 or die "move_mount: $!\n";
}
