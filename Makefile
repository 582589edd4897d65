# winnowd. Two commands do everything: `make run` and `make check`.
# CC CFLAGS LDFLAGS PREFIX DESTDIR are yours; config.mak may set them.

VERSION  = 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build
OPT     ?= -O2
CFLAGS  ?= $(OPT) -g
WINNOW_SHARED ?= ../shared
export WINNOW_SHARED
-include config.mak

# What apt has to bring; the second list is used when it is there.
PACKAGES = gcc make pkg-config python3 libevent-dev libcurl4-openssl-dev \
	libxml2-dev zlib1g-dev liblmdb-dev libpsl-dev libxxhash-dev libssl-dev \
	libdeflate-dev libbrotli-dev libzstd-dev libseccomp-dev \
	libopencc-dev
NEEDED   = libevent libcurl libxml-2.0 zlib lmdb libpsl libxxhash libssl libcrypto
OPTIONAL = libdeflate libbrotlidec libzstd libseccomp opencc

FOUND   := $(foreach l,$(OPTIONAL),$(shell pkg-config --exists $(l) 2>/dev/null && echo $(l)))
upper    = $(shell echo $(1) | tr 'a-z-' 'A-Z_')
LIBFLAGS := $(shell pkg-config --cflags $(NEEDED) $(FOUND) 2>/dev/null)
LIBS    := $(shell pkg-config --libs $(NEEDED) $(FOUND) 2>/dev/null) -lm
WARN     = -std=c11 -Wall -Wextra -Wshadow -Wundef -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wpointer-arith -Wwrite-strings
DEFS     = -D_GNU_SOURCE -DWINNOW_VERSION='"$(VERSION)"' \
	$(foreach l,$(FOUND),-DHAVE_$(call upper,$(l)))
ALLFLAGS = $(WARN) $(DEFS) -I. $(LIBFLAGS) $(CFLAGS) $(SAN)

# A folder is a library; programs are the files that hold a main.
DIRS     = config queue cleaner crawler
MAINS    = crawler/winnow.c crawler/winnowd.c
objs     = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAINS),$(wildcard $(1)/*.c)))
ARCHIVES = $(BUILD)/libcrawler.a $(BUILD)/libwinnow.a $(BUILD)/libwq.a $(BUILD)/libconfig.a
PROGRAMS = $(BUILD)/winnow $(BUILD)/winnowd

TESTSRC  = $(wildcard tests/config/test_*.c tests/queue/test_*.c \
	tests/cleaner/test_*.c tests/crawler/test_*.c)
TESTS    = $(patsubst %.c,$(BUILD)/%,$(TESTSRC))
HELPERSRC = $(wildcard tests/sites/*.c)
SITES    = $(BUILD)/tests/sites/winnow-sites
HOOKED   = $(BUILD)/tests/hooks/winnowd
SYNCS    = $(BUILD)/tests/preload/syncs.so
STUCK    = $(BUILD)/tests/preload/stuck.so
CLOCK    = $(BUILD)/tests/preload/clock.so
BENCHES  = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c tests/eval/*.c))
FUZZERS  = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS  = $(subst /fuzz_,/replay_,$(FUZZERS))
SCRIPTS  = $(wildcard tests/*/check_*.sh tests/*/check_*.py)
PROMISE  = tests/queue/promise.py

all: $(PROGRAMS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/cleaner/model.o: cleaner/model/lost.bin
$(BUILD)/cleaner/topic_background.o: cleaner/model/topic.bin
$(BUILD)/crawler/page.o: $(wildcard crawler/page/*.html crawler/page/page.*)

$(BUILD)/libconfig.a:  $(call objs,config)
$(BUILD)/libwq.a:      $(call objs,queue)
$(BUILD)/libwinnow.a:  $(call objs,cleaner)
$(BUILD)/libcrawler.a: $(call objs,crawler)
$(ARCHIVES):
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/winnow: $(BUILD)/crawler/winnow.o $(ARCHIVES)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/winnowd: $(BUILD)/crawler/winnowd.o $(ARCHIVES)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)

# The daemon with the hooks of job.c and alive.c: objects before the library's own.
$(BUILD)/tests/hooks/%.o: crawler/%.c
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) -DWINNOW_TEST_HOOKS -MMD -MP -c -o $@ $<
$(HOOKED): $(BUILD)/crawler/winnowd.o $(BUILD)/tests/hooks/job.o \
    $(BUILD)/tests/hooks/alive.o $(ARCHIVES)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/preload/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(DEFS) $(CFLAGS) -shared -fPIC -o $@ $< -ldl

$(TESTS) $(BENCHES): $(BUILD)/%: $(BUILD)/%.o $(ARCHIVES)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)
$(REPLAYS): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o \
    $(BUILD)/tests/fuzz/replay.o $(ARCHIVES)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)
$(SITES): $(patsubst %.c,$(BUILD)/%.o,$(HELPERSRC)) $(ARCHIVES)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS)

# --- the two commands -----------------------------------------------------
deps:
	@tests/deps.sh $(PACKAGES)

run: deps
	@$(MAKE) --no-print-directory -s all $(SITES)
	@BUILD=$(BUILD) tests/run-sites.sh $(if $(SEEDS),--seeds '$(SEEDS)') $(if $(OUT),--out '$(OUT)')

check:
	@tests/deps.sh $(PACKAGES) jq mandoc python3-jsonschema zsh fish
	@$(MAKE) --no-print-directory check-built

check-built: all $(SYNCS) $(CLOCK) $(TESTS) $(REPLAYS) $(SITES) $(HOOKED) check-layers
	@BUILD=$(BUILD) tests/run.sh $(TESTS) $(SCRIPTS) -- $(PROMISE)

# What other people's programs make of the queue: all of them, installed first;
# those of npm below build/, and ClickHouse's server, which would start itself.
READERS     = jq miller python3-pandas pigz zstd busybox libarchive-tools ripgrep \
	rsync rclone wget clickhouse-client $(if $(shell command -v npm),,nodejs npm)
READERS_NPM = @duckdb/node-api@1.5.6-r.1 nodejs-polars@0.26.1 warcio@2.4.11 \
	nodejs-polars-linux-$(shell uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/')-gnu@0.26.1
check-readers: all $(SITES)
	@tests/deps.sh $(PACKAGES) $(READERS)
	@npm install --silent --no-save --no-package-lock --prefix $(BUILD)/readers \
	    $(READERS_NPM)
	@cd $(BUILD)/readers && [ -e usr/sbin/clickhouse-server ] || \
	    { apt-get download -qq clickhouse-server 2>/dev/null && \
	    dpkg-deb --fsys-tarfile clickhouse-server_*.deb | tar x ./usr/sbin; }
	@BUILD=$(BUILD) READERS=all python3 tests/queue/check_readers.py
	@BUILD=$(BUILD) python3 tests/queue/check_formats.py
	@BUILD=$(BUILD) python3 tests/queue/check_raw.py

# Figures, alerts and dashboard before Prometheus itself.
check-metrics: all $(SITES)
	@tests/deps.sh $(PACKAGES) prometheus
	@BUILD=$(BUILD) METRICS=all python3 tests/crawler/check_metrics.py

# The page at / in a real Chromium; screenshots in build/page/shots.
PAGE_NPM = playwright-core@1.65.1 axe-core@4.14.1
check-page: all
	@tests/deps.sh $(PACKAGES) chromium $(if $(shell command -v npm),,nodejs npm)
	@mkdir -p $(BUILD)/page
	@npm install --silent --no-save --no-package-lock --prefix $(BUILD)/page $(PAGE_NPM)
	@BUILD=$(BUILD) python3 tests/page/check_page.py
	@BUILD=$(BUILD) python3 tests/page/browser.py $(BUILD)/page

# A web of twenty thousand pages, three in a hundred on a topic: how many are found
# in a fifth of the fetches? Breadth first and with the topic; half a minute each.
check-topic: all
	@BUILD=$(BUILD) python3 tests/topic/measure.py
	@BUILD=$(BUILD) python3 tests/topic/measure.py --own --seed 2
.PHONY: check-topic

# Ten minutes of two hundred hostile hosts beside fifty good ones.
check-hostile: all
	@BUILD=$(BUILD) python3 tests/crawler/hostile_long.py

# Hours of a crawl in which everything goes wrong, then nothing does; for drift.
HOURS ?= 1
.PHONY: soak
soak: all $(CLOCK)
	@tests/deps.sh $(PACKAGES) iproute2
	@BUILD=$(BUILD) python3 tests/soak/soak.py $(HOURS)

# Longer: 1,000 kills of daemon and crawl, and power lost at 23 places behind each
# failure of queue and store (about half an hour).
KILLS ?= 1000
crash: all $(TESTS) $(SITES)
	CRASH_POWERS=23 $(BUILD)/tests/queue/test_crash
	CRASH_POWERS=23 $(BUILD)/tests/crawler/test_crash_commit
	BUILD=$(BUILD) KILLS=$(KILLS) python3 tests/crawler/check_kill.py
	BUILD=$(BUILD) KILLS=$(KILLS) python3 tests/crawler/check_crash.py
	BUILD=$(BUILD) KILLS=$(KILLS) python3 tests/crawler/check_crash_daemon.py

# A Debian of its own with a real systemd, in which the service is started, hung,
# killed and rebooted; root only. It is made below build/ the first time.
check-systemd: all $(SITES) $(HOOKED) $(STUCK)
	@tests/deps.sh $(PACKAGES) debootstrap systemd-container openssl
	@rm -rf $(BUILD)/container/dest
	@$(MAKE) --no-print-directory -s install DESTDIR=$(BUILD)/container/dest \
	    PREFIX=/usr SYSCONFDIR=/etc
	@BUILD=$(BUILD) python3 tests/systemd/boot.py $(CASE)
.PHONY: check-systemd

check-layers:
	@tests/check-layers.sh

asan:
	@$(MAKE) --no-print-directory BUILD=build/asan OPT=-O1 \
	    SAN='-fsanitize=address,undefined -fno-omit-frame-pointer -DWINNOW_SANITIZE' check-built

bench:
	@tests/deps.sh $(PACKAGES) nginx-light
	@$(MAKE) --no-print-directory -s all bench-built
bench-built: all $(SYNCS) $(BENCHES) $(SITES)
	@BUILD=$(BUILD) tests/bench/bench.sh

check-normalise: all
	@tests/deps.sh jq opencc unicode-data
	@BUILD=$(BUILD) tests/normalise/run.sh $(DIR)

eval: all
	@BUILD=$(BUILD) tests/eval/eval.sh
	@BUILD=$(BUILD) python3 tests/eval/site_gain.py
	@BUILD=$(BUILD) python3 tests/eval/site_gain.py --crawl

# How well quality tells good texts from others, sets it has not seen; 2 minutes.
eval-topic: all
	@BUILD=$(BUILD) python3 tests/eval/topic.py

eval-pairs: $(BUILD)/tests/eval/pairs
	@tests/deps.sh opencc
	@BUILD=$(BUILD) python3 tests/eval/pairs.py

eval-quality: all
	@BUILD=$(BUILD) python3 tests/eval/quality.py

fuzz:
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang OPT=-O1 \
	    SAN='-fsanitize=fuzzer-no-link,address,undefined -DWINNOW_SANITIZE' fuzz-built
fuzz-built: $(FUZZERS)
$(FUZZERS): $(BUILD)/%: $(BUILD)/%.o $(ARCHIVES)
	$(CC) $(CFLAGS) $(SAN) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

compile_commands.json: $(wildcard */*.c tests/*/*.c) Makefile
	@tests/compile-commands.sh '$(CC) $(ALLFLAGS)' $(wildcard */*.c tests/*/*.c) > $@

clean:
	rm -rf build compile_commands.json

dist:
	git archive --format=tar.gz --prefix=winnowd-$(VERSION)/ -o winnowd-$(VERSION).tar.gz HEAD

# winnowd and libwinnow-dev as Debian packages, of what is committed.
deb:
	@tests/deps.sh $(PACKAGES) git debhelper dpkg-dev
	@BUILD=$(BUILD) VERSION=$(VERSION) systemd/make-deb.sh

# They are built again elsewhere, then installed, upgraded, removed and purged in a
# container; as root, who alone can make one.
check-deb:
	@tests/deps.sh $(PACKAGES) git debhelper dpkg-dev lintian debootstrap systemd-container
	@$(MAKE) --no-print-directory -s all $(SITES)
	@BUILD=$(BUILD) python3 tests/deb/built.py
	@BUILD=$(BUILD) python3 tests/deb/installed.py

include install.mk

.PHONY: all deps run check check-built crash check-hostile check-layers check-metrics check-page check-readers check-normalise asan bench \
	bench-built eval eval-topic eval-pairs eval-quality fuzz fuzz-built clean dist install uninstall deb check-deb
.SECONDARY:
# Not the trees of whole systems that tests keep there.
-include $(shell find $(BUILD) -path $(BUILD)/container -prune -o -type f -name '*.d' -print 2>/dev/null)
