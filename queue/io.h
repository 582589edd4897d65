/* io.h - every call by which the queue changes the disk, as a table.
 *
 * Two implementations: the system's (wq_io_system, io.c), and the one of the
 * crash tests, which cuts the n-th call. Reading needs no table: it changes
 * nothing that a crash could tear. */
#ifndef WQ_IO_H
#define WQ_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* All return 0 (open: a descriptor, pwrite: bytes) or -1 with errno. */
struct wq_io {
	int (*open)(const char *path, int flags, mode_t mode);
	ssize_t (*pwrite)(int fd, const void *buf, size_t len, off_t at);
	int (*fdatasync)(int fd);
	int (*truncate)(int fd, off_t len);
	int (*rename)(const char *from, const char *to);
	int (*unlink)(const char *path);
	int (*mkdir)(const char *path, mode_t mode);
	int (*dirsync)(const char *path);
	int (*space)(const char *path, uint64_t *free_bytes);
	int64_t (*clock)(void); /* ms, monotonic: paces wq_room()'s scans */
	/* Could a new file of that many bytes be made there? It is not left
	 * behind. NULL: it is not asked. */
	int (*probe)(const char *dir, uint64_t bytes);
};

extern const struct wq_io wq_io_system;

/* The wq_error that an errno stands for. */
int wq_error_of(int errnum);
/* Writes all of buf at the offset, or gives a wq_error. */
int wq_write_all(
    const struct wq_io *, int fd, const void *buf, size_t len, off_t at);
/* A small file as a whole, durable and by rename; tmp is its name until then,
 * in the same file system. */
int wq_replace(const struct wq_io *, const char *path, const char *tmp,
    const char *dir, const void *buf, size_t len, mode_t mode);

#endif
