/* follow.h - sleep until a file may have been sealed. */
#ifndef WQ_FOLLOW_H
#define WQ_FOLLOW_H

/* queue: as wq_find() gave it. A descriptor of inotify, or -1 with errno. */
int wq_follow_open(const char *queue);
/* Watches days that are new; to be called before looking for files. */
int wq_follow_watch(int fd, const char *queue);
/* 1: look again; 0: nobody reads out any more; -1 with errno. */
int wq_follow_wait(int fd, int out);

#endif
