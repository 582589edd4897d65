/* crash_disk.h - what of a folder is on the disk, and what only in memory.
 *
 * Files and folders below disk->root are real; beside them stands what a loss
 * of power would leave of them. crash.h tells it of every call that changes
 * something, disk_power() makes it true.
 *
 * Invariants
 *  D1  A page of a file is on the disk once a sync of the file has succeeded
 *      after it was written. A page that waited for a sync that failed is not,
 *      whatever later syncs say, until it is written again: Linux forgets it.
 *  D2  A name (made, renamed, removed) is on the disk once its folder was
 *      synced, and the folders above it are. A rename moves whole: the old
 *      name goes when the new one is there.
 *  D3  The disk outlives processes: it lies in memory they share. */
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DISK_FILES 64
#define DISK_PAGE 4096
#define DISK_PAGES 128 /* of a file */
#define DISK_NAMES 96
#define DISK_PATH 192

enum disk_page { PAGE_SAFE, PAGE_WRITTEN, PAGE_FORGOTTEN };

struct disk_file {
	ino_t ino; /* 0: free */
	char path[DISK_PATH];
	off_t size; /* that is on the disk */
	int used;   /* pages that image holds */
	uint8_t page[DISK_PAGES];
};

/* A change of names whose folder was not synced since. */
struct disk_name {
	char kind;   /* 'c'reated, 'm'ade folder, 'r'enamed, 'u'nlinked */
	char synced; /* and waits for a folder above it */
	char path[DISK_PATH], from[DISK_PATH];
	char grave[DISK_PATH]; /* what was replaced or removed; "": nothing */
};

struct disk {
	char base[64], root[80];
	struct disk_file file[DISK_FILES];
	struct disk_name name[DISK_NAMES];
	int nnames, graves;
	uint32_t luck;
	uint8_t image[DISK_FILES][DISK_PAGES * DISK_PAGE];
};
static struct disk *disk;

/* The system itself, past the definitions of crash.h. */
static inline int
raw_open(const char *path, int flags, mode_t mode)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static inline ssize_t
raw_pwrite(int fd, const void *buf, size_t n, off_t at)
{
	return syscall(SYS_pwrite64, fd, buf, n, at);
}

static inline int
raw_rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static inline int
raw_unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

static void
disk_die(const char *what, const char *path)
{
	fprintf(stderr, "crash_disk: %s: %s\n", what, path);
	abort();
}

/* ---- files --------------------------------------------------------------- */

static struct disk_file *
disk_file_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		for (int i = 0; i < DISK_FILES; i++)
			if (disk->file[i].ino == st.st_ino)
				return &disk->file[i];
	return NULL;
}

static uint8_t *
disk_image(struct disk_file *f)
{
	return disk->image[f - disk->file];
}

/* Takes pages that are in state `of` from the file to the disk. */
static void
disk_take(struct disk_file *f, enum disk_page of)
{
	int fd = raw_open(f->path, O_RDONLY | O_CLOEXEC, 0);
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size > DISK_PAGES * DISK_PAGE)
		disk_die("gone or too large", f->path);
	for (int i = 0; i < DISK_PAGES; i++) {
		uint8_t *p = disk_image(f) + i * DISK_PAGE;
		ssize_t n;

		if (f->page[i] != of || i * DISK_PAGE >= st.st_size)
			continue;
		n = pread(fd, p, DISK_PAGE, (off_t)i * DISK_PAGE);
		if (n < 0)
			disk_die("cannot read", f->path);
		memset(p + n, 0, DISK_PAGE - (size_t)n);
		f->page[i] = PAGE_SAFE;
		if (f->used <= i)
			f->used = i + 1;
	}
	f->size = st.st_size;
	close(fd);
}

static struct disk_name *
disk_name_new(char kind, const char *path)
{
	struct disk_name *n = &disk->name[disk->nnames];

	if (disk->nnames++ >= DISK_NAMES || strlen(path) >= DISK_PATH)
		disk_die("too many names", path);
	memset(n, 0, sizeof *n);
	n->kind = kind;
	strcpy(n->path, path);
	return n;
}

/* A file was opened; what lay there before the first look is on the disk. */
static void
disk_opened(int fd, const char *path, int created)
{
	struct disk_file *f = disk_file_of(fd);
	struct stat st;
	int i = 0;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (created)
		disk_name_new('c', path);
	if (f != NULL && !created)
		return;
	if (f == NULL) {
		while (i < DISK_FILES && disk->file[i].ino != 0)
			i++;
		if (i == DISK_FILES)
			disk_die("too many files", path);
		f = &disk->file[i];
	}
	memset(disk_image(f), 0, (size_t)f->used * DISK_PAGE);
	memset(f, 0, sizeof *f);
	f->ino = st.st_ino;
	snprintf(f->path, sizeof f->path, "%s", path);
	if (!created)
		disk_take(f, PAGE_SAFE);
}

static void
disk_written(int fd, off_t at, size_t n)
{
	struct disk_file *f = disk_file_of(fd);
	off_t end = at + (off_t)n;

	if (f == NULL || n == 0)
		return;
	if (end > DISK_PAGES * DISK_PAGE)
		disk_die("too large", f->path);
	for (off_t p = at / DISK_PAGE; p * DISK_PAGE < end; p++)
		f->page[p] = PAGE_WRITTEN;
	if (fcntl(fd, F_GETFL) & O_DSYNC)
		disk_take(f, PAGE_WRITTEN);
}

static void
disk_truncated(int fd, off_t len)
{
	struct disk_file *f = disk_file_of(fd);

	if (f == NULL)
		return;
	for (int i = (int)(len / DISK_PAGE); i < DISK_PAGES; i++)
		f->page[i] = PAGE_WRITTEN;
}

static void
disk_synced(int fd)
{
	struct disk_file *f = disk_file_of(fd);

	if (f != NULL)
		disk_take(f, PAGE_WRITTEN);
}

static void
disk_forgot(int fd)
{
	struct disk_file *f = disk_file_of(fd);

	for (int i = 0; f != NULL && i < DISK_PAGES; i++)
		if (f->page[i] == PAGE_WRITTEN)
			f->page[i] = PAGE_FORGOTTEN;
}

/* ---- names --------------------------------------------------------------- */

/* Keeps what a rename or unlink is about to take away. */
static void
disk_bury(const char *path, char grave[DISK_PATH])
{
	snprintf(grave, DISK_PATH, "%s/grave-%d", disk->base, ++disk->graves);
	if (link(path, grave) < 0)
		grave[0] = '\0';
}

static void
disk_move(ino_t ino, const char *path)
{
	for (int i = 0; i < DISK_FILES; i++)
		if (disk->file[i].ino == ino)
			snprintf(disk->file[i].path, DISK_PATH, "%s", path);
}

static ino_t
disk_ino(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_ino : 0;
}

static void
disk_renamed(const char *from, const char *to, const char *grave)
{
	struct disk_name *n = disk_name_new('r', to);

	snprintf(n->from, DISK_PATH, "%s", from);
	strcpy(n->grave, grave);
	disk_move(disk_ino(to), to);
	if (grave[0] != '\0')
		disk_move(disk_ino(grave), grave);
}

static void
disk_unlinked(const char *path, const char *grave)
{
	struct disk_name *n = disk_name_new('u', path);

	strcpy(n->grave, grave);
	disk_move(disk_ino(grave), grave);
}

/* Gives up for good what a durable name replaced. */
static void
disk_rest(const char *grave)
{
	ino_t ino = disk_ino(grave);

	if (grave[0] == '\0')
		return;
	for (int i = 0; i < DISK_FILES; i++)
		if (disk->file[i].ino == ino)
			disk->file[i].ino = 0;
	raw_unlink(grave);
}

static int
disk_lies_in(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && path[n] == '/' &&
	       strchr(path + n + 1, '/') == NULL;
}

/* Would the name be lost with a folder that is? */
static int
disk_hangs(const struct disk_name *name)
{
	for (int i = 0; i < disk->nnames; i++) {
		const struct disk_name *m = &disk->name[i];
		size_t n = strlen(m->path);

		if (m->kind == 'm' && m != name &&
		    strncmp(name->path, m->path, n) == 0 &&
		    name->path[n] == '/')
			return 1;
	}
	return 0;
}

static void
disk_folder_synced(const char *folder)
{
	struct disk_name *name = disk->name;

	for (int i = 0; i < disk->nnames; i++)
		name[i].synced |= disk_lies_in(name[i].path, folder);
	for (int i = 0; i < disk->nnames;) {
		if (!name[i].synced || disk_hangs(&name[i])) {
			i++;
			continue;
		}
		disk_rest(name[i].grave);
		memmove(&name[i], &name[i + 1],
		    (size_t)(--disk->nnames - i) * sizeof *name);
		i = 0; /* others may have waited for it */
	}
}

/* ---- power --------------------------------------------------------------- */

static uint32_t
disk_coin(void)
{
	disk->luck = disk->luck * 1664525u + 1013904223u;
	return disk->luck >> 31;
}

/* torn: pages that were not synced are lost or not, as it happens. */
static void
disk_lose_pages(struct disk_file *f, int torn)
{
	struct stat st;
	off_t size = f->size;
	int fd = raw_open(f->path, O_RDWR | O_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && torn && disk_coin())
		size = st.st_size;
	(void)!syscall(SYS_ftruncate, fd, size);
	for (int i = 0; i < DISK_PAGES && (off_t)i * DISK_PAGE < size; i++) {
		off_t at = (off_t)i * DISK_PAGE;
		size_t n =
		    size - at < DISK_PAGE ? (size_t)(size - at) : DISK_PAGE;

		if (f->page[i] == PAGE_SAFE && size == st.st_size)
			continue;
		if (torn && f->page[i] == PAGE_WRITTEN && disk_coin())
			continue;
		(void)!raw_pwrite(fd, disk_image(f) + at, n, at);
	}
	close(fd);
}

static int
disk_remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st, (void)kind, (void)f;
	return remove(path);
}

static void
disk_remove(const char *path)
{
	nftw(path, disk_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
disk_undo(const struct disk_name *n)
{
	if (n->kind == 'c')
		raw_unlink(n->path);
	else if (n->kind == 'm')
		disk_remove(n->path);
	else if (n->kind == 'r')
		raw_rename(n->path, n->from);
	if (n->grave[0] != '\0')
		raw_rename(n->grave, n->path);
}

/* Nobody may have the files open any more. Names go as a journal has them:
 * all behind one of them, where torn that is any. */
static void
disk_power(int torn)
{
	int keep = 0;

	for (int i = 0; i < DISK_FILES; i++)
		if (disk->file[i].ino != 0)
			disk_lose_pages(&disk->file[i], torn);
	while (torn && keep < disk->nnames && disk_coin())
		keep++;
	while (disk->nnames > keep)
		disk_undo(&disk->name[--disk->nnames]);
	while (disk->nnames > 0)
		disk_rest(disk->name[--disk->nnames].grave);
	for (int i = 0; i < DISK_FILES; i++)
		disk->file[i].ino = 0;
}

/* An empty disk, in memory where that is to be had: a real one takes ten times
 * as long. Its root is made and durable. */
static void
disk_new(const char *name)
{
	char base[64];

	snprintf(base, sizeof base, "%s/%s-%ld",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", name,
	    (long)getpid());
	if (disk == NULL)
		disk = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (disk == MAP_FAILED)
		disk_die("no memory", base);
	disk_remove(base);
	for (int i = 0; i < DISK_FILES; i++)
		disk->file[i].ino = 0;
	disk->nnames = disk->graves = 0;
	snprintf(disk->base, sizeof disk->base, "%s", base);
	snprintf(disk->root, sizeof disk->root, "%s/disk", base);
	if (mkdirat(AT_FDCWD, disk->base, 0755) < 0 ||
	    mkdirat(AT_FDCWD, disk->root, 0755) < 0)
		disk_die("cannot make", base);
}

#endif
