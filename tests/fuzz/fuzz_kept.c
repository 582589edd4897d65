/* fuzz_kept.c - any bytes as a file of raw pages, or as the ring file of recent
 * ones: what is found lies where it may be read. The first byte chooses; of the
 * ring's checksums those that stand at the right places are made right. */
#include <assert.h>
#include <ftw.h>

#include "crawler/recent.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64], raw[160];

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st, (void)kind, (void)f;
	return remove(path);
}

static void
clean_up(void)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
make_folders(void)
{
	char path[160];

	snprintf(dir, sizeof dir, "/tmp/winnow-kept-%ld", (long)getpid());
	mkdir(dir, 0755);
	atexit(clean_up);
	snprintf(path, sizeof path, "%s/ready", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/raw", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/raw/2026-11-21", dir);
	mkdir(path, 0755);
	snprintf(raw, sizeof raw,
	    "%s/raw/2026-11-21/20261121T031500Z-n-0000000001.warc.gz", dir);
}

static void
write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

/* Reads the whole of it. */
static unsigned
sum(const void *p, size_t n)
{
	const unsigned char *q = p;
	unsigned s = 0;

	while (n-- > 0)
		s += *q++;
	return s;
}

static void
find_raw(const uint8_t *data, size_t size)
{
	struct wq_raw_want want = {0};
	char *record;
	size_t len;

	write_file(raw, data, size);
	for (int by_id = 0; by_id < 2 && size >= 44; by_id++) {
		memcpy(&want.key, data + 20, 8);
		want.id = by_id ? data + 28 : NULL;
		if (wq_raw_find(dir, &want, &record, &len) == 1)
			(void)sum(record, len);
		free(record);
	}
	unlink(raw);
}

static uint64_t
text_of(const struct entry *e, uint8_t *text)
{
	const uint32_t lens[5] = {e->uri_len, e->address_len, e->hints_len,
	    e->head_len, e->body_len};
	struct iovec v[5];

	for (int i = 0; i < 5; i++) {
		v[i] = (struct iovec){text, lens[i]};
		text += lens[i];
	}
	return text_check(v);
}

/* Where a checksum alone keeps the rest from being looked at. */
static void
mend(uint8_t *p, size_t size)
{
	struct front f;
	struct entry e;

	for (size_t at = 0; at + sizeof e <= size; at += ALIGN) {
		memcpy(&e, p + at, sizeof e);
		if (e.magic != MAGIC)
			continue;
		if (e.size >= sizeof e && e.size <= size - at &&
		    entry_text(&e) <= e.size - sizeof e)
			e.text_check = text_of(&e, p + at + sizeof e);
		e.check = XXH3_64bits(&e, offsetof(struct entry, check));
		memcpy(p + at, &e, sizeof e);
	}
	for (size_t at = 0; at <= FRONT_PLACE; at += FRONT_PLACE) {
		if (at + sizeof f > size)
			return;
		memcpy(&f, p + at, sizeof f);
		f.check = front_check(&f);
		memcpy(p + at, &f, sizeof f);
	}
}

static void
find_recent(const uint8_t *data, size_t size)
{
	struct recent_want want = {0};
	struct wq_page g;
	uint8_t *copy = malloc(size + 1);
	char path[4200], *memory;
	struct recent *r;

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	mend(copy, size);
	path_of(path, sizeof path, dir);
	write_file(path, copy, size);
	free(copy);
	for (want.key = 0; want.key < 3; want.key++) {
		if (recent_find(dir, &want, &g, &memory) == 1)
			(void)(sum(g.head, g.head_len) +
			       sum(g.body, g.body_len) + strlen(g.uri) +
			       strlen(g.address) + strlen(g.hints));
		free(memory);
	}
	/* A writer goes on from whatever it finds. */
	g = (struct wq_page){.uri = "u", .head = "h", .head_len = 1};
	if ((r = recent_open(dir, 8192)) == NULL)
		abort();
	for (int i = 0; i < 100; i++)
		assert(recent_put(r, &g) == 1);
	recent_close(r);
	assert(recent_find(dir, &(struct recent_want){0}, &g, &memory) == 1);
	free(memory);
	unlink(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (dir[0] == '\0')
		make_folders();
	if (size == 0)
		return 0;
	if (data[0] & 1)
		find_raw(data + 1, size - 1);
	else
		find_recent(data + 1, size - 1);
	return 0;
}
