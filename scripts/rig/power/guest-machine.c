/*
 * Loaded into linux.uml (LD_PRELOAD), for three things that it lacks.
 *
 * 1. A disk whose power can be cut. The guest's disk is a file, and what was written to it outlives the guest in the
 *    host's page cache: every write would last, flushed or not. Here the disk has a volatile cache instead: what was
 *    written stays in the memory of this process, sector by sector, until the guest flushes (fsync), and dies with it;
 *    and as a real one, it puts some sectors away earlier, in no order. So writes are lost, reordered and torn.
 *      CUT_DISK        the file
 *      CUT_DISK_KEEPS  how many of a hundred sectors reach it before the flush
 *      CUT_DISK_SEED   draws which
 *      CUT_DISK_LIES   set: a flush does nothing (a control)
 * 2. Processors whose registers take more room than linux.uml of Linux 6.1 knows of (AMX: 11,008 bytes, not 2,696): the
 *    host refuses to set a part of them (EFAULT). Here the rest is set to its initial state.
 * 3. An end with whoever started it: else a guest outlives a rig that is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512, GETREGSET = 0x4204, SETREGSET = 0x4205, XSTATE = 0x202, PEEK_FIRST = 1, PEEK_LAST = 3 };
enum { XSTATE_BV_AT = 512, SETOPTIONS = 0x4200, EXITKILL = 1 << 20 };
/* x87, SSE, AVX, MPX, AVX-512, PT, PKRU: what 2,696 bytes hold. */
static const uint64_t XSTATE_KNOWN = 0x3ff;

/* The beginning of `struct io_thread_req` of Linux 6.1, and how many the driver's thread asks for at once. */
enum { BATCH = 64 };
struct ubd_request {
  void *request;
  int files[2];
  unsigned long offsets[2];
  unsigned long long offset;
  int sector_bytes;
  int error;
  int data_pieces;
};

static struct stat disk;
static unsigned char *cache;
static unsigned char *waiting; /* one byte a sector */
static size_t sectors;
static uint64_t draws;
static unsigned keeps;
static int lies;

__attribute__((constructor)) static void attach(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const char *path = getenv("CUT_DISK");
  if (!path || stat(path, &disk) != 0) return;
  sectors = (size_t)disk.st_size / SECTOR_BYTES;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  cache = mmap(NULL, (size_t)disk.st_size, PROT_READ | PROT_WRITE, flags, -1, 0);
  waiting = mmap(NULL, sectors, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (cache == MAP_FAILED || waiting == MAP_FAILED) abort();
  keeps = getenv("CUT_DISK_KEEPS") ? (unsigned)atoi(getenv("CUT_DISK_KEEPS")) : 0;
  draws = getenv("CUT_DISK_SEED") ? strtoull(getenv("CUT_DISK_SEED"), NULL, 10) * 2 + 1 : 1;
  lies = getenv("CUT_DISK_LIES") != NULL;
}

/* xorshift64* (Vigna 2016). */
static unsigned below_hundred(void) {
  draws ^= draws >> 12;
  draws ^= draws << 25;
  draws ^= draws >> 27;
  return (unsigned)((draws * 0x2545f4914f6cdd1dULL) >> 33) % 100;
}

static int is_disk(int file) {
  struct stat found;
  return cache && fstat(file, &found) == 0 && found.st_dev == disk.st_dev && found.st_ino == disk.st_ino;
}

static ssize_t put(int file, const void *from, size_t bytes, off_t at) {
  return syscall(SYS_pwrite64, file, from, bytes, at);
}

ssize_t pwrite64(int file, const void *from, size_t bytes, off_t at) {
  if (!is_disk(file)) return put(file, from, bytes, at);
  if (at % SECTOR_BYTES || bytes % SECTOR_BYTES || (size_t)at + bytes > sectors * SECTOR_BYTES) {
    errno = EIO;
    return -1;
  }
  for (size_t done = 0; done < bytes; done += SECTOR_BYTES) {
    const size_t to = (size_t)at + done;
    const unsigned char *sector = (const unsigned char *)from + done;
    const int early = below_hundred() < keeps;
    if (early && put(file, sector, SECTOR_BYTES, (off_t)to) != SECTOR_BYTES) return -1;
    if (!early) memcpy(cache + to, sector, SECTOR_BYTES);
    waiting[to / SECTOR_BYTES] = !early;
  }
  return (ssize_t)bytes;
}

ssize_t pread64(int file, void *into, size_t bytes, off_t at) {
  const ssize_t got = syscall(SYS_pread64, file, into, bytes, at);
  if (got <= 0 || !is_disk(file)) return got;
  for (size_t done = 0; done < (size_t)got;) {
    const size_t from = (size_t)at + done;
    const size_t rest = SECTOR_BYTES - from % SECTOR_BYTES;
    const size_t part = rest < (size_t)got - done ? rest : (size_t)got - done;
    if (from / SECTOR_BYTES < sectors && waiting[from / SECTOR_BYTES])
      memcpy((unsigned char *)into + done, cache + from, part);
    done += part;
  }
  return got;
}

static int flush(int file) {
  if (lies) return 0;
  for (size_t first = 0; first < sectors;) {
    if (!waiting[first]) {
      first += 1;
      continue;
    }
    size_t next = first;
    while (next < sectors && waiting[next]) next += 1;
    const size_t bytes = (next - first) * SECTOR_BYTES;
    if (put(file, cache + first * SECTOR_BYTES, bytes, (off_t)(first * SECTOR_BYTES)) != (ssize_t)bytes) return -1;
    memset(waiting + first, 0, next - first);
    first = next;
  }
  return 0;
}

/* Other reads of so many bytes come from terminals. */
static int is_driver(int file) {
  struct stat found;
  return fstat(file, &found) == 0 && (S_ISFIFO(found.st_mode) || S_ISSOCK(found.st_mode));
}

static int is_kernel_memory(const void *address) {
  const uintptr_t at = (uintptr_t)address;
  return at >= 0x60000000 && at < 0x1060000000 && at % sizeof(void *) == 0;
}

/*
 * The driver's thread asks for its next requests. That of Linux 6.1 never acts on the flushes among them (measured: no
 * fsync of the disk, whatever the guest flushes), which have no pieces of data to go through. They are done here; what
 * was completed before a flush was asked for was completed before this read.
 */
ssize_t read(int file, void *into, size_t bytes) {
  static int is_tied;
  if (bytes == BATCH * sizeof(struct ubd_request *) && is_driver(file) && !is_tied) {
    is_tied = 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  const ssize_t got = syscall(SYS_read, file, into, bytes);
  if (!cache || bytes != BATCH * sizeof(struct ubd_request *) || got <= 0 || !is_driver(file)) return got;
  for (size_t at = 0; at < (size_t)got / sizeof(struct ubd_request *); at += 1) {
    const struct ubd_request *request = ((struct ubd_request **)into)[at];
    if (is_kernel_memory(request) && request->data_pieces == 0 && is_disk(request->files[0]) && flush(request->files[0]) != 0) abort();
  }
  return got;
}

int fsync(int file) { return is_disk(file) ? flush(file) : (int)syscall(SYS_fsync, file); }

int fdatasync(int file) { return is_disk(file) ? flush(file) : (int)syscall(SYS_fdatasync, file); }

/* It cannot discard. */
int fallocate64(int file, int mode, off_t at, off_t bytes) {
  if (!is_disk(file)) return (int)syscall(SYS_fallocate, file, mode, at, bytes);
  errno = EOPNOTSUPP;
  return -1;
}

long ptrace(int request, int process, void *address, void *data) {
  static unsigned char whole[65536];
  static size_t whole_bytes;
  if (request >= PEEK_FIRST && request <= PEEK_LAST) {
    long word = 0;
    return syscall(SYS_ptrace, request, process, address, &word) < 0 ? -1 : word;
  }
  /* What the guest runs must not go on on the host, untraced, should the tracer be killed first. */
  if (request == SETOPTIONS) data = (void *)((uintptr_t)data | EXITKILL);
  const long done = syscall(SYS_ptrace, request, process, address, data);
  if (done != -1 || errno != EFAULT || request != SETREGSET || (uintptr_t)address != XSTATE) return done;
  const struct iovec *given = data;
  struct iovec set = {whole, sizeof whole};
  if (whole_bytes == 0) {
    if (syscall(SYS_ptrace, GETREGSET, process, address, &set) != 0) return -1;
    whole_bytes = set.iov_len;
    memset(whole, 0, sizeof whole);
  }
  if (given->iov_len > whole_bytes) {
    errno = EFAULT;
    return -1;
  }
  memcpy(whole, given->iov_base, given->iov_len);
  uint64_t present;
  memcpy(&present, whole + XSTATE_BV_AT, sizeof present);
  present &= XSTATE_KNOWN;
  memcpy(whole + XSTATE_BV_AT, &present, sizeof present);
  set.iov_len = whole_bytes;
  return syscall(SYS_ptrace, SETREGSET, process, address, &set);
}
