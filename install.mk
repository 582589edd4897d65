# install.mk - what goes where. DESTDIR and PREFIX are respected.

BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/winnowd
SYSCONFDIR ?= /etc
CONFDIR     = $(SYSCONFDIR)/winnow
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
# Each of both programs' names, where a shell looks for it by name.
COMPLETIONS = $(BASHCOMPDIR)/winnow $(BASHCOMPDIR)/winnowd $(ZSHCOMPDIR)/_winnow \
	$(FISHCOMPDIR)/winnow.fish $(FISHCOMPDIR)/winnowd.fish
MANPAGES    = $(wildcard */*.[1-9])
# Under the names of the tree, so that their links hold in both places; what the
# manuals tell to copy is at the top.
DOCS        = README.md ARCHITECTURE.md BENCHMARKS.md CONTRIBUTING.md SECURITY.md \
	crawler/COMING-FROM.md crawler/TROUBLESHOOTING.md queue/FORMAT.md queue/RECIPES.md \
	$(wildcard crawler/page/*.png systemd/prometheus/* systemd/grafana/*)
SAMPLES     = config/winnowd.conf.sample systemd/instance.conf
HEADERS     = cleaner/winnow.h cleaner/kinds.def cleaner/repairs.def
D           = $(DESTDIR)

# What a program links beside our archives: there is no shared library that
# could bring it along, so it stands in Requires, not in Requires.private.
CLEANER_NEEDS = libxml-2.0 zlib libpsl libxxhash libcrypto \
	$(filter libdeflate libbrotlidec libzstd opencc,$(FOUND))
QUEUE_NEEDS   = zlib $(filter libdeflate,$(FOUND))
# What winnow alone calls is no part of an installed library.
QUEUE_CMDS    = $(patsubst queue/%.c,%.o,$(wildcard queue/cmd_*.c))

# pc NAME,WORDS,NEEDS,LIBS,FOLDER: its pkg-config file.
pc = printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' \
	'' 'Name: $(1)' 'Description: $(2)' 'Version: $(VERSION)' 'Requires: $(3)' \
	'Libs: -L$${libdir} $(4)' 'Cflags: -I$${includedir}$(5)' \
	> $(D)$(LIBDIR)/pkgconfig/$(1).pc

# unit NAME,OWN,FOR: the service under that name, without its head.
unit = sed '1,/^\[Unit/{/^\#/d;}; s|@SBINDIR@|$(SBINDIR)|; s|@CONFDIR@|$(CONFDIR)|; s|@NAME@|$(1)|; \
	s|@OWN@|$(2)|g; s|@FOR@|$(3)|' systemd/winnowd.service

install: all
	install -d $(D)$(BINDIR) $(D)$(SBINDIR) $(D)$(LIBDIR)/pkgconfig \
	    $(D)$(UNITDIR) $(D)$(SYSUSERSDIR) $(D)$(TMPFILESDIR) $(D)$(CONFDIR)/conf.d
	install -m 755 $(BUILD)/winnow $(D)$(BINDIR)/winnow
	install -m 755 $(BUILD)/winnowd $(D)$(SBINDIR)/winnowd
	install -m 644 $(BUILD)/libwinnow.a $(BUILD)/libwq.a $(D)$(LIBDIR)
	$(AR) d $(D)$(LIBDIR)/libwq.a $(QUEUE_CMDS)
	install -D -m 644 queue/wq.h $(D)$(INCLUDEDIR)/wq.h
	for h in $(HEADERS); do \
	    install -D -m 644 $$h $(D)$(INCLUDEDIR)/winnowd/$$h || exit 1; done
	for m in $(MANPAGES); do \
	    install -D -m 644 $$m $(D)$(MANDIR)/man$${m##*.}/$${m##*/} || exit 1; done
	for f in $(DOCS); do \
	    install -D -m 644 $$f $(D)$(DOCDIR)/$$f || exit 1; done
	for f in $(SAMPLES); do \
	    install -D -m 644 $$f $(D)$(DOCDIR)/$${f##*/} || exit 1; done
	install -d $(D)$(BASHCOMPDIR) $(D)$(ZSHCOMPDIR) $(D)$(FISHCOMPDIR)
	$(BUILD)/winnow completion bash > $(D)$(BASHCOMPDIR)/winnow
	$(BUILD)/winnow completion zsh > $(D)$(ZSHCOMPDIR)/_winnow
	$(BUILD)/winnow completion fish > $(D)$(FISHCOMPDIR)/winnow.fish
	ln -sf winnow $(D)$(BASHCOMPDIR)/winnowd
	ln -sf winnow.fish $(D)$(FISHCOMPDIR)/winnowd.fish
	$(call unit,winnowd,winnow,) > $(D)$(UNITDIR)/winnowd.service
	$(call unit,%i,winnow-%i, (%i)) > $(D)$(UNITDIR)/winnowd@.service
	install -m 644 systemd/winnow.sysusers $(D)$(SYSUSERSDIR)/winnow.conf
	install -m 644 systemd/winnow.tmpfiles $(D)$(TMPFILESDIR)/winnow.conf
	[ -e $(D)$(CONFDIR)/winnowd.conf ] || sed 's/^#include conf.d/include conf.d/' \
	    config/winnowd.conf.sample > $(D)$(CONFDIR)/winnowd.conf
	$(call pc,libwinnow,the article of a web page,$(CLEANER_NEEDS),-lwinnow -lm,/winnowd)
	$(call pc,libwq,a queue of JSON lines on disk,$(QUEUE_NEEDS),-lwq,)

# The configuration and /var/lib/winnow are the user's: they stay.
uninstall:
	rm -f $(D)$(BINDIR)/winnow $(D)$(SBINDIR)/winnowd $(D)$(LIBDIR)/libwinnow.a \
	    $(D)$(LIBDIR)/libwq.a $(D)$(LIBDIR)/pkgconfig/libwinnow.pc \
	    $(D)$(LIBDIR)/pkgconfig/libwq.pc $(D)$(UNITDIR)/winnowd.service $(D)$(UNITDIR)/winnowd@.service \
	    $(D)$(SYSUSERSDIR)/winnow.conf $(D)$(TMPFILESDIR)/winnow.conf
	rm -f $(addprefix $(D),$(COMPLETIONS))
	rm -rf $(D)$(INCLUDEDIR)/winnowd $(D)$(INCLUDEDIR)/wq.h $(D)$(DOCDIR)
	for m in $(MANPAGES); do rm -f $(D)$(MANDIR)/man$${m##*.}/$${m##*/}; done
