#!/usr/bin/perl
# Gives away rights, for good, and becomes another program: Landlock and seccomp hold for it and all that it starts.
#
#   confine.pl [--read PATH]... [--write PATH]... [--no-tcp] [--filter CALL:HEX] -- PROGRAM ARGUMENT...
#
# What lies below a path (or the file itself) can be read and run, or written, too; nothing else on any file system can
# be opened. A path that is not there is passed over. What is asked for and by whom: confinement.ts. In Perl because it
# must happen before Node has threads, starts in 3 ms, and is on every Debian. Whoever starts this sets no_new_privs.
use strict;
use warnings;

# linux/landlock.h; the same numbers on every processor.
use constant { CREATE => 444, ADD => 445, RESTRICT => 446, BY_PATH => 1, O_PATH => 010000000, O_CLOEXEC => 02000000 };
use constant { EXECUTE => 1 << 0, WRITE_FILE => 1 << 1, READ_FILE => 1 << 2, READ_DIR => 1 << 3 };
use constant { TRUNCATE => 1 << 14, IOCTL_DEV => 1 << 15 };
# Every right up to version 2: removing, making and moving entries of folders lie between.
use constant { FOLDERS => (1 << 14) - 1 };

my (@rules, $no_tcp, $filter);
while (@ARGV) {
  my $word = shift;
  last if $word eq '--';
  if ($word eq '--no-tcp') { $no_tcp = 1; next }
  my $value = shift // die "confine: $word needs a value\n";
  if ($word eq '--read') { push @rules, [$value, EXECUTE | READ_FILE | READ_DIR] }
  elsif ($word eq '--write') { push @rules, [$value, FOLDERS | TRUNCATE | IOCTL_DEV] }
  elsif ($word eq '--filter') { $filter = $value }
  else { die "confine: unknown option $word\n" }
}
die "confine: no program\n" if !@ARGV;

# Where memory runs out, this one goes before whoever watches over it.
if (open my $score, '>', '/proc/self/oom_score_adj') { print $score "500\n"; close $score }

my $version = syscall(CREATE, 0, 0, 1);
if ($version < 1) { warn "porter: this kernel has no Landlock: the audio process keeps the brain's rights to files\n" }
else { restrict_files($version) }
if (defined $filter) { restrict_calls(split /:/, $filter, 2) }
exec { $ARGV[0] } @ARGV or die "confine: $ARGV[0]: $!\n";

sub restrict_files {
  my ($version) = @_;
  my $all = FOLDERS | ($version >= 3 ? TRUNCATE : 0) | ($version >= 5 ? IOCTL_DEV : 0);
  # From 4 on: no TCP, neither way. From 6 on: no signals and no nameless sockets to anybody outside.
  my $words = pack 'Q', $all & ($version < 2 ? ~(1 << 13) : ~0);
  $words .= pack 'Q', $no_tcp ? 3 : 0 if $version >= 4;
  $words .= pack 'Q', $no_tcp ? 3 : 2 if $version >= 6;
  my $rules = syscall(CREATE, $words, length $words, 0);
  die "confine: landlock_create_ruleset: $!\n" if $rules < 0;
  for (@rules) {
    my ($path, $rights) = @$_;
    sysopen my $place, $path, O_PATH | O_CLOEXEC or next;
    $rights &= $all & ($version < 2 ? ~(1 << 13) : ~0);
    $rights &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV if !-d $place;
    my $rule = pack 'Ql', $rights, fileno $place;
    syscall(ADD, $rules, BY_PATH, $rule, 0) == 0 or die "confine: landlock_add_rule for $path: $!\n";
  }
  syscall(RESTRICT, $rules, 0) == 0 or die "confine: landlock_restrict_self: $!\n";
}

# seccomp(2): a program of eight-byte instructions.
sub restrict_calls {
  my ($call, $hex) = @_;
  my $program = pack 'H*', $hex;
  my $filter = pack 'S x6 P', length($program) / 8, $program;
  syscall($call, 1, 0, $filter) == 0 or die "confine: seccomp: $!\n";
}
