/* Intercepts calls of the docket under test to the C library, and injects the faults that a test orders: kills the
 * process at a point of a batch, makes the disk full or fail, or removes the lock from a statement sent to PostgreSQL.
 *
 * Only these tests load it, with LD_PRELOAD. So the binary that they kill is the released one, and it contains no
 * faults that could be switched on by accident.
 *
 * A test writes its orders to a small file, which this library maps (tests/faults/order.rs has the same layout).
 * On SQLite a batch begins with the write lock of the log (byte 120 of the shared memory), and is committed when the
 * log is synced. On PostgreSQL it begins with BEGIN, and is committed when the answer to its COMMIT arrives. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum point { NOWHERE, BEGUN, WRITING, COMMITTING, COMMITTED };

struct order {
    _Atomic int32_t point;     /* where to kill the process */
    _Atomic int32_t countdown; /* dies when the point is reached this many times from now */
    _Atomic int32_t full;      /* the disk is full for the log */
    _Atomic int32_t failing;   /* syncs of the log fail */
    char unlocked[112];        /* statements with this phrase lose their lock */
};

static struct order nothing;
static struct order *order = &nothing;

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_fcntl)(int, int, ...);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static ssize_t (*real_send)(int, const void *, size_t, int);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_recv)(int, void *, size_t, int);

__attribute__((constructor)) static void begin(void)
{
    *(void **)&real_fsync = dlsym(RTLD_NEXT, "fsync");
    *(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    *(void **)&real_fcntl = dlsym(RTLD_NEXT, "fcntl");
    *(void **)&real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
    *(void **)&real_send = dlsym(RTLD_NEXT, "send");
    *(void **)&real_writev = dlsym(RTLD_NEXT, "writev");
    *(void **)&real_recv = dlsym(RTLD_NEXT, "recv");
    /* The process ends when the tests themselves are killed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char *path = getenv("FAULTS_ORDER");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof nothing, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED)
        order = mapped;
}

/* Kills the process here if ordered, with the signal of `kill -9`: nothing is flushed, closed or sent. */
static void reach(enum point here)
{
    if (order->point != (int32_t)here || atomic_fetch_sub(&order->countdown, 1) != 1)
        return;
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* SQLite */

static _Thread_local int holds_the_log;

static int is_log(int file)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path);
    return length > 4 && memcmp(path + length - 4, "-wal", 4) == 0;
}

static int lock(int file, int command, void *argument)
{
    int done = real_fcntl(file, command, argument);
    struct flock *flock = argument;
    if (done == 0 && command == F_SETLK && flock->l_start == 120 && flock->l_len == 1) {
        holds_the_log = flock->l_type == F_WRLCK;
        if (holds_the_log)
            reach(BEGUN);
    }
    return done;
}

int fcntl(int file, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock(file, command, argument);
}

int fcntl64(int file, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock(file, command, argument);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at)
{
    if (holds_the_log && is_log(file)) {
        if (order->full) {
            errno = ENOSPC;
            return -1;
        }
        ssize_t written = real_pwrite64(file, bytes, count, at);
        reach(WRITING);
        return written;
    }
    return real_pwrite64(file, bytes, count, at);
}

static int sync_log(int file, int (*real)(int))
{
    if (!holds_the_log || !is_log(file))
        return real(file);
    reach(COMMITTING);
    if (order->failing) {
        errno = EIO;
        return -1;
    }
    int done = real(file);
    reach(COMMITTED);
    return done;
}

int fsync(int file)
{
    return sync_log(file, real_fsync);
}

int fdatasync(int file)
{
    return sync_log(file, real_fdatasync);
}

/* PostgreSQL */

enum { SOCKETS = 4096 };
enum talk { IDLE, OPEN, WROTE, ENDING };
static _Atomic int talks[SOCKETS];

static int contains(const char *bytes, size_t count, const char *phrase, size_t length)
{
    return memmem(bytes, count, phrase, length) != NULL;
}

static int is_hex(const char *bytes, int count)
{
    for (int place = 0; place < count; place++)
        if (!strchr("0123456789abcdef", bytes[place]) || !bytes[place])
            return 0;
    return 1;
}

/* The proof that a batch with writes inserts with its changes: 16 digits, a hyphen, 32 digits. */
static int has_mark(const char *bytes, size_t count)
{
    const char *end = bytes + count;
    for (const char *at = bytes; (at = memchr(at, '-', end - at)) != NULL; at++)
        if (at - bytes >= 16 && end - at > 32 && is_hex(at - 16, 16) && is_hex(at + 1, 32))
            return 1;
    return 0;
}

/* Blanks the lock clause of the statements that must lose it. */
static void unlock(char *bytes, size_t count)
{
    static const char phrase[] = " FOR NO KEY UPDATE SKIP LOCKED";
    size_t length = strnlen(order->unlocked, sizeof order->unlocked);
    char *end = bytes + count, *at = bytes;
    while (length && (at = memmem(at, end - at, order->unlocked, length)) != NULL) {
        char *stop = memchr(at, '\0', end - at);
        char *found = memmem(at, (stop ? stop : end) - at, phrase, sizeof phrase - 1);
        if (found)
            memset(found, ' ', sizeof phrase - 1);
        at += length;
    }
}

static void about_to_tell(int socket, const char *bytes, size_t count)
{
    if (contains(bytes, count, "BEGIN ISOLATION", 15))
        talks[socket] = OPEN;
    if (talks[socket] == OPEN && has_mark(bytes, count))
        talks[socket] = WROTE;
    if (!contains(bytes, count, "COMMIT\0", 7))
        return;
    if (talks[socket] == WROTE) {
        reach(COMMITTING);
        talks[socket] = ENDING;
    } else {
        talks[socket] = IDLE;
    }
}

static void told(int socket, const char *bytes, size_t count)
{
    if (talks[socket] != OPEN && talks[socket] != WROTE)
        return;
    reach(contains(bytes, count, "BEGIN ISOLATION", 15) ? BEGUN : WRITING);
}

ssize_t send(int socket, const void *bytes, size_t count, int flags)
{
    if (socket < 0 || socket >= SOCKETS)
        return real_send(socket, bytes, count, flags);
    about_to_tell(socket, bytes, count);
    char *copy = order->unlocked[0] ? malloc(count) : NULL;
    if (copy) {
        memcpy(copy, bytes, count);
        unlock(copy, count);
    }
    ssize_t sent = real_send(socket, copy ? copy : bytes, count, flags);
    free(copy);
    if (sent > 0)
        told(socket, bytes, (size_t)sent);
    return sent;
}

/* Joins the pieces and sends them as one; if memory is short, sends them without inspection. */
ssize_t writev(int file, const struct iovec *pieces, int count)
{
    size_t whole = 0;
    for (int place = 0; place < count; place++)
        whole += pieces[place].iov_len;
    char *bytes = whole ? malloc(whole) : NULL;
    if (file < 0 || file >= SOCKETS || !bytes) {
        free(bytes);
        return real_writev(file, pieces, count);
    }
    size_t at = 0;
    for (int place = 0; place < count; place++) {
        memcpy(bytes + at, pieces[place].iov_base, pieces[place].iov_len);
        at += pieces[place].iov_len;
    }
    about_to_tell(file, bytes, whole);
    unlock(bytes, whole);
    struct iovec one = {bytes, whole};
    ssize_t written = real_writev(file, &one, 1);
    if (written > 0)
        told(file, bytes, (size_t)written);
    free(bytes);
    return written;
}

ssize_t recv(int socket, void *bytes, size_t count, int flags)
{
    ssize_t got = real_recv(socket, bytes, count, flags);
    if (got > 0 && socket >= 0 && socket < SOCKETS && talks[socket] == ENDING) {
        talks[socket] = IDLE;
        reach(COMMITTED);
    }
    return got;
}
