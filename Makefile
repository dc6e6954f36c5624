# iq.  `make` builds into build/, `make check` tests, `make demo` shows.
#
#   O=dir             build there instead of in build/
#   PREFIX= DESTDIR=  where `make install` puts things
#   STATIC=           auto: everything linked statically where the archives
#                     exist, because a short program starts twice as fast so;
#                     1: the same, required; 0: all shared, for a packager
#   SANITIZE=address,undefined   use another O for it
#   PLATFORM=linux|posix         which of X_linux.c and X_posix.c is built
#   WERROR=0 HARDEN=0            warnings only; no hardening flags
#   T=pattern         `make check` runs what matches
#   DIR=dir           `make demo` ingests its files
#   V=1               show whole commands
#   CC CFLAGS CPPFLAGS LDFLAGS   yours

VERSION := $(shell cat VERSION)
O ?= build
# One name for each place: in the tree without it, or dependencies, which name
# what they are of, would not be found under the other one
override O := $(patsubst $(CURDIR)/%,%,$(abspath $(O)))
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
PLATFORM ?= linux
STATIC ?= auto
SANITIZE ?=
WERROR ?= 1
HARDEN ?= 1
CC ?= cc
CFLAGS ?= -O2 -g
AR ?= ar
INSTALL ?= install
PKG_CONFIG ?= pkg-config

# ---- what there is to build ----

OTHER_PLATFORM := $(if $(filter posix,$(PLATFORM)),linux,posix)
sources = $(filter-out %_$(OTHER_PLATFORM).c,$(sort $(wildcard $(1))))
object = $(patsubst %.c,$(O)/%.o,$(1))

LIB_OBJ := $(call object,$(call sources,$(patsubst %,lib/%/*.c,base rules \
	store engine))) $(O)/schema_sql.o $(O)/migrations_sql.o
# cmd/iq.c and cmd/iq-*.c are programs; the rest of cmd/ is shared by them
PROGRAM_SRC := $(call sources,cmd/iq.c cmd/iq-*.c)
SHARED_OBJ := $(call object,$(filter-out $(PROGRAM_SRC),$(call \
	sources,cmd/*.c)))
PROGRAMS := $(PROGRAM_SRC:cmd/%.c=$(O)/%)
UNITS := $(patsubst t/%.c,$(O)/%,$(call sources,t/*/*.c))
MAN := $(sort $(wildcard man/*.[1-8]))
SHARE_FILES := $(wildcard share/schema.sql share/*.json share/profiles/*)

# ---- flags ----

PACKAGES := sqlite3 libbsd libmd jansson
# Of one program only
SCREEN := ncursesw
# Asked when first needed (set-up may have to bring pkg-config), and once
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags \
	$(PACKAGES) $(SCREEN)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell $(PKG_CONFIG) --libs \
	$(PACKAGES)))$(PKG_LIBS)
LIBS_iq-top = $(shell $(PKG_CONFIG) --libs $(SCREEN))
ARCHIVES = $(shell for f in libsqlite3.a libbsd.a libmd.a libjansson.a libm.a \
	libncursesw.a libtinfo.a libc.a rcrt1.o; do $(CC) -print-file-name=$$f; done)
MACHINE = $(eval MACHINE := $(shell $(CC) -dumpmachine))$(MACHINE)

comma := ,
LIBS_0 = $(PKG_LIBS) -lm -pthread
LIBS_1 = $(PKG_LIBS) -lmd -lm -pthread
LINK_1 = -static-pie $(patsubst %,-Wl$(comma)--wrap=dl%,open sym close error) \
	-Wl,-u,__wrap_dlopen
KIND_auto = $(if $(SANITIZE),0,$(if $(filter-out /%,$(ARCHIVES)),0,1))
KIND = $(eval KIND := $(or $(KIND_$(STATIC)),$(STATIC)))$(KIND)
LIBS = $(LIBS_$(KIND))

IQ_CPPFLAGS = -std=c11 -D_GNU_SOURCE -DIQ_VERSION='"$(VERSION)"' -Ilib -Icmd \
	$(if $(wildcard lib/base/banned.h),-include base/banned.h)
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wundef -Wvla $(if $(filter 1,$(WERROR)),-Werror)
HARDEN_ON := $(if $(SANITIZE),,$(filter 1,$(HARDEN)))
HARDENING = $(if $(HARDEN_ON),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	-fstack-protector-strong -fstack-clash-protection \
	$(if $(filter x86_64%,$(MACHINE)),-fcf-protection))
RELRO = -Wl,-z,relro -Wl,-z,now
SANITIZING = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all)
IQ_CFLAGS = $(WARNINGS) -fPIE -ffunction-sections -fdata-sections \
	$(HARDENING) $(SANITIZING)
IQ_LDFLAGS = -pie -Wl,--gc-sections -Wl,--as-needed \
	$(if $(HARDEN_ON),$(RELRO)) $(SANITIZING) $(LINK_$(KIND))
COMPILE = $(CC) $(IQ_CPPFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) \
	$(IQ_CFLAGS)

# ---- building ----

.PHONY: all programs units check demo bench chaos fuzz lint install uninstall \
	dist clean force
.SECONDARY .DELETE_ON_ERROR:

say = $(if $(filter 1,$(V)),,@echo '  $(1)';)
quiet = $(if $(filter 1,$(V)),,@)

all: programs $(addprefix $(O)/completion/,bash zsh fish)
programs: $(PROGRAMS)
units: $(UNITS)

# Rewritten when the flags differ from those of the last build
$(O)/flags: force
	@$(PKG_CONFIG) --exists $(PACKAGES) $(SCREEN) || { echo "make: a library" \
		"is missing ($(PACKAGES) $(SCREEN)); run share/setup build" >&2; exit 69; }
	@mkdir -p $(@D)
	@flags='$(subst ','\'',$(COMPILE) $(LDFLAGS) $(IQ_LDFLAGS) $(LIBS))'; \
		[ "$$(cat $@ 2>/dev/null)" = "$$flags" ] || \
		printf '%s\n' "$$flags" >$@

$(O)/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc $<)$(COMPILE) -MMD -MP -c -o $@ $<

# The directory, because a step may have gone
$(O)/schema_sql.c: share/schema.sql
$(O)/migrations_sql.c: $(sort $(wildcard share/migrations share/migrations/*))
$(O)/schema_sql.c $(O)/migrations_sql.c: $(O)/%_sql.c: share/sql2c
	@mkdir -p $(@D)
	$(call say,sql $@)sh share/sql2c $* $(filter %.sql,$^) >$@
$(O)/%_sql.o: $(O)/%_sql.c lib/store/schema.h $(O)/flags
	$(call say,cc $<)$(COMPILE) -c -o $@ $<

# Made anew, so that an object whose source went is not in it
$(O)/libiq.a: $(LIB_OBJ)
$(O)/libcmd.a: $(SHARED_OBJ)
$(O)/libiq.a $(O)/libcmd.a:
	@rm -f $@
	$(call say,ar $@)$(AR) rcs $@ $^

# LIBS_iq-NAME: what only that program needs
LINK = $(CC) $(CFLAGS) $(LDFLAGS) $(IQ_LDFLAGS) -o $@ $(filter %.o,$^) \
	$(filter %.a,$^) $(LIBS_$(@F)) $(LIBS)
PARTS = $(O)/libcmd.a $(O)/libiq.a $(O)/flags

$(PROGRAMS): $(O)/%: $(O)/cmd/%.o $(PARTS)
	$(call say,ld $@)$(LINK)

$(filter $(O)/chaos/%,$(UNITS)): $(call object,$(call sources,t/chaos/lib/*.c))
$(filter $(O)/fuzz/%,$(UNITS)): $(if $(findstring fuzzer,$(SANITIZE)),,$(O)/t/fuzz/lib/driver.o)
# Most are run once, and linking them with everything takes longer than that
$(filter-out $(O)/perf/%,$(UNITS)): private KIND = 0
$(UNITS): $(O)/%: $(O)/t/%.o $(PARTS)
	@mkdir -p $(@D)
	$(call say,ld $@)$(LINK)

$(O)/completion/%: $(wildcard share/completion/*) $(PROGRAMS)
	@mkdir -p $@
	$(call say,completion $*)share/completion/generate $* $@ $(PROGRAMS)

-include $(wildcard $(O)/cmd/*.d $(O)/lib/*/*.d $(O)/t/*/*.d $(O)/t/*/*/*.d)

# ---- running ----

check:
	+@MAKE='$(MAKE)' IQ_BUILD='$(abspath $(O))' t/run '$(T)'

lint: programs
	@IQ_BUILD='$(abspath $(O))' t/lint/run '$(T)'

demo:
	@share/setup demo
	@echo building
	@$(MAKE) --no-print-directory -j$$(nproc) all >/dev/null
	@IQ_BUILD='$(abspath $(O))' sh contrib/demo.sh $(if $(DIR),'$(DIR)')

bench chaos fuzz: RUN = t/$(@:bench=perf)/run
bench chaos fuzz: all units
	@test -x $(RUN) || { echo "make $@: there is no $(RUN)" >&2; exit 69; }
	@IQ_BUILD='$(abspath $(O))' $(RUN)

# ---- installing ----

TO = $(DESTDIR)$(BINDIR)
SHARE = $(DESTDIR)$(DATADIR)
BASH_TO = $(SHARE)/bash-completion/completions
ZSH_TO = $(SHARE)/zsh/site-functions
FISH_TO = $(SHARE)/fish/vendor_completions.d
man_to = $(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))

install: all
	@echo '  install $(TO) $(SHARE) $(DESTDIR)$(MANDIR)'
	$(quiet)$(INSTALL) -d $(TO) $(SHARE)/iq $(BASH_TO) $(ZSH_TO) $(FISH_TO)
	$(quiet)$(INSTALL) -m 755 $(PROGRAMS) $(TO)
	$(quiet)$(foreach m,$(MAN),$(INSTALL) -d $(call man_to,$(m)) && \
		$(INSTALL) -m 644 $(m) $(call man_to,$(m)) &&) :
	$(quiet)$(foreach s,$(SHARE_FILES),$(INSTALL) -D -m 644 $(s) \
		$(SHARE)/iq/$(s:share/%=%) &&) :
	$(quiet)$(INSTALL) -m 644 $(O)/completion/bash/* $(BASH_TO)
	$(quiet)$(INSTALL) -m 644 $(O)/completion/zsh/* $(ZSH_TO)
	$(quiet)$(INSTALL) -m 644 $(O)/completion/fish/* $(FISH_TO)

uninstall:
	@echo '  uninstall $(TO) $(SHARE) $(DESTDIR)$(MANDIR)'
	$(quiet)rm -f $(PROGRAMS:$(O)/%=$(TO)/%) $(PROGRAMS:$(O)/%=$(BASH_TO)/%) $(ZSH_TO)/_iq \
		$(PROGRAMS:$(O)/%=$(FISH_TO)/%.fish) $(SHARE_FILES:share/%=$(SHARE)/iq/%)
	$(quiet)$(foreach m,$(MAN),rm -f $(call man_to,$(m))/$(notdir $(m)) &&) :
	$(quiet)if test -d $(SHARE)/iq; then find $(SHARE)/iq -depth -type d -empty \
		-exec rmdir {} \; ; fi

dist:
	@mkdir -p $(O)
	git archive --format=tar.gz --prefix=iq-$(VERSION)/ \
		-o $(O)/iq-$(VERSION).tar.gz HEAD

clean:
	rm -rf $(O)
