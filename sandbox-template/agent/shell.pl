#!/usr/bin/perl
# The shell of the agent's commands: bash, except that a call ends with its foreground. OpenCode waits until nobody holds
# a command's output open, so a server that was started with `&` would hold the call until its timeout, which then kills
# it. Here commands write into a pipe of this program's, which relays until the shell has ended; what still runs then
# writes into a log of bounded size. The command has a session of its own: OpenCode ends the group of a command that
# fails, and with it a server that the command left behind.
use strict;
use warnings;
use Fcntl qw(F_GETFL F_SETFL O_CREAT O_EXCL O_NONBLOCK O_WRONLY);
use POSIX qw(:sys_wait_h setsid);

use constant BASH => '/bin/bash';
# What still comes from the background, for example from `> >(tee log)`, is waited for this long.
use constant GRACE_S => 0.25;
# After a signal the command has this long to end by itself; OpenCode kills this program after 3 s.
use constant TERM_S => 1.5;
# Linux's number for the count of bytes in a pipe.
use constant FIONREAD => 0x541B;
use constant MAX_LOG_BYTES => 1_000_000;
use constant MAX_NAMED => 5;
# Every process of a command has it in its environment; the bridge finds them by it.
use constant MARK => 'STUDIO_COMMAND';

my ($out, $in, $woken, $wake);
pipe($out, $in) && pipe($woken, $wake) or die "no pipe: $!\n";
fcntl($_, F_SETFL, fcntl($_, F_GETFL, 0) | O_NONBLOCK) for $woken, $wake;

my $stopping;
# Before the fork, so that no end is missed.
$SIG{CHLD} = sub { syswrite($wake, 'c') };
my $pid = fork // die "no process: $!\n";
if ($pid == 0) {
  $SIG{CHLD} = 'DEFAULT';
  setsid();
  $ENV{+MARK} = $$;
  open(STDOUT, '>&', $in) && open(STDERR, '>&', $in) or POSIX::_exit(126);
  exec { BASH } 'bash', @ARGV or POSIX::_exit(127);
}
close $in;
for my $name (qw(TERM INT HUP PIPE)) {
  $SIG{$name} = sub { $stopping //= $name; syswrite($wake, 's') };
}

# @returns false at the end of the output
sub relay {
  my ($most) = @_;
  my $length = sysread($out, my $piece, $most);
  return $!{EINTR} ? 1 : 0 unless defined $length;
  for (my $done = 0; $done < $length && ($stopping // '') ne 'PIPE';) {
    $done += syswrite(STDOUT, $piece, $length - $done, $done) // 0;
  }
  return $length > 0;
}

sub readable {
  my ($seconds, @handles) = @_;
  my $bits = '';
  vec($bits, fileno($_), 1) = 1 for @handles;
  return select($bits, undef, undef, $seconds) > 0 ? $bits : '';
}

sub stop {
  kill 'TERM', -$pid;
  my $left = TERM_S / 0.05;
  select(undef, undef, undef, 0.05) while kill(0, -$pid) && waitpid($pid, WNOHANG) <= 0 && $left-- > 0;
  kill 'KILL', -$pid;
  $SIG{$stopping} = 'DEFAULT';
  kill $stopping, $$;
  exit 143;
}

my ($status, $open) = (undef, 1);
until (defined $status) {
  my $bits = readable(undef, $woken, $open ? $out : ());
  stop() if $stopping;
  $open = relay(65_536) if $open && $bits ne '' && vec($bits, fileno($out), 1);
  sysread($woken, my $ignored, 64);
  $status = $? if waitpid($pid, WNOHANG) > 0;
}
# What the foreground has written is in the pipe; the background may go on writing for ever.
my $until = now() + GRACE_S;
while ($open) {
  my $size = pack('L', 0);
  ioctl($out, FIONREAD, $size);
  for (my $left = unpack('L', $size); $left > 0 && $open; $left -= 65_536) {
    $open = relay($left < 65_536 ? $left : 65_536);
  }
  my $wait = $until - now();
  last if !$open || $wait <= 0;
  my $bits = readable($wait, $out, $woken);
  stop() if $stopping;
  sysread($woken, my $ignored, 64);
  # At its end a pipe is readable with nothing in it.
  $open = relay(65_536) if $bits ne '' && vec($bits, fileno($out), 1);
}
keep() if $open;
if (WIFSIGNALED($status)) {
  kill WTERMSIG($status), $$;
}
exit WEXITSTATUS($status);

sub content {
  my ($file) = @_;
  open(my $handle, '<', $file) or return '';
  local $/;
  return <$handle> // '';
}

# Seconds of a clock that only goes on; what has finer ones is not in every Debian image.
sub now {
  return (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# What this command left running, one process a line.
sub running {
  my @lines;
  for my $folder (glob '/proc/[0-9]*') {
    my $mark = MARK . "=$pid";
    next unless content("$folder/environ") =~ /(?:^|\0)\Q$mark\E(?:\0|$)/;
    my $line = content("$folder/cmdline");
    $line =~ s/[\0-\x1f\x7f]+/ /g;
    push @lines, substr($line, 0, 200) . "(pid " . substr($folder, 6) . ")" if $line ne '';
  }
  my $more = @lines - MAX_NAMED;
  return $more > 0 ? (@lines[0 .. MAX_NAMED - 1], "and $more more") : @lines;
}

# Goes on reading for what still writes, as another process: a pipe that nobody reads ends its writers.
sub keep {
  my @running = running();
  my $log = "/tmp/studio-command-$pid.log";
  sysopen(my $kept, $log, O_WRONLY | O_CREAT | O_EXCL, 0600);
  my $keeper = fork;
  if (defined $keeper && $keeper == 0) {
    setsid();
    $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP PIPE CHLD);
    open(STDIN, '<', '/dev/null');
    open(STDOUT, '>', '/dev/null');
    open(STDERR, '>', '/dev/null');
    my $size = 0;
    while (sysread($out, my $piece, 65_536)) {
      next unless $kept;
      if ($size > MAX_LOG_BYTES) {
        truncate($kept, 0);
        sysseek($kept, 0, 0);
        $size = 0;
      }
      $size += syswrite($kept, $piece) // 0;
    }
    POSIX::_exit(0);
  }
  my $where = $kept ? "; what it prints from now on is in $log" : '';
  syswrite(STDOUT, "\n[still running: " . (join(', ', @running) || 'a process of this command') . "$where]\n");
}
