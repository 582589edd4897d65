# install.mk - what goes where. DESTDIR and PREFIX are respected.

BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
SYSCONFDIR ?= /etc
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
MANPAGES    = $(wildcard */*.[1-9])
HEADERS     = cleaner/winnow.h cleaner/kinds.def cleaner/repairs.def queue/wq.h
D           = $(DESTDIR)

# What a program links beside our archives: there is no shared library that
# could bring it along, so it stands in Requires, not in Requires.private.
CLEANER_NEEDS = libxml-2.0 zlib libpsl libxxhash libcrypto \
	$(filter libdeflate libbrotlidec libzstd opencc,$(FOUND))
QUEUE_NEEDS   = zlib $(filter libdeflate,$(FOUND))

install: all
	install -d $(D)$(BINDIR) $(D)$(SBINDIR) $(D)$(LIBDIR)/pkgconfig \
	    $(D)$(UNITDIR) $(D)$(SYSUSERSDIR) $(D)$(TMPFILESDIR) $(D)$(SYSCONFDIR)
	install -m 755 $(BUILD)/winnow $(D)$(BINDIR)/winnow
	install -m 755 $(BUILD)/winnowd $(D)$(SBINDIR)/winnowd
	install -m 644 $(BUILD)/libwinnow.a $(BUILD)/libwq.a $(D)$(LIBDIR)
	for h in $(HEADERS); do \
	    install -D -m 644 $$h $(D)$(INCLUDEDIR)/winnowd/$$h || exit 1; done
	for m in $(MANPAGES); do \
	    install -D -m 644 $$m $(D)$(MANDIR)/man$${m##*.}/$${m##*/} || exit 1; done
	sed 's|@BINDIR@|$(SBINDIR)|; s|@SYSCONFDIR@|$(SYSCONFDIR)|' \
	    systemd/winnowd.service > $(D)$(UNITDIR)/winnowd.service
	install -m 644 systemd/winnow.sysusers $(D)$(SYSUSERSDIR)/winnow.conf
	install -m 644 systemd/winnow.tmpfiles $(D)$(TMPFILESDIR)/winnow.conf
	install -m 644 config/winnowd.conf.sample $(D)$(SYSCONFDIR)/winnowd.conf.sample
	[ -e $(D)$(SYSCONFDIR)/winnowd.conf ] || \
	    install -m 644 config/winnowd.conf.sample $(D)$(SYSCONFDIR)/winnowd.conf
	for l in winnow:'$(CLEANER_NEEDS)' wq:'$(QUEUE_NEEDS)'; do n=$${l%%:*}; \
	    printf 'prefix=%s\nName: lib%s\nDescription: part of winnowd\nVersion: %s\nRequires: %s\nLibs: -L%s -l%s -lm\nCflags: -I%s/winnowd\n' \
	    '$(PREFIX)' "$$n" '$(VERSION)' "$${l#*:}" '$(LIBDIR)' "$$n" '$(INCLUDEDIR)' \
	    > $(D)$(LIBDIR)/pkgconfig/lib$$n.pc; done

# The configuration and /var/lib/winnow are the user's: they stay.
uninstall:
	rm -f $(D)$(BINDIR)/winnow $(D)$(SBINDIR)/winnowd $(D)$(LIBDIR)/libwinnow.a \
	    $(D)$(LIBDIR)/libwq.a $(D)$(LIBDIR)/pkgconfig/libwinnow.pc \
	    $(D)$(LIBDIR)/pkgconfig/libwq.pc $(D)$(UNITDIR)/winnowd.service \
	    $(D)$(SYSUSERSDIR)/winnow.conf $(D)$(TMPFILESDIR)/winnow.conf \
	    $(D)$(SYSCONFDIR)/winnowd.conf.sample
	rm -rf $(D)$(INCLUDEDIR)/winnowd
	for m in $(MANPAGES); do rm -f $(D)$(MANDIR)/man$${m##*.}/$${m##*/}; done
