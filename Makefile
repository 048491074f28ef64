# Two targets matter: make start (run it here) and make test (prove it). Each installs and builds what it needs.
export PATH := $(CURDIR)/.runtime:$(PATH)

build: .runtime/built

start: build
	@node packages/workshop/build/src/here.ts

fuzz: build
	@node --disable-warning=ExperimentalWarning test/fuzz/main.ts $(ARGS)

# 2,000 made messages before all layers at the door; make test sends some of each kind.
layers: build
	@LAYERS=50 node --disable-warning=ExperimentalWarning test/arrive/layers.ts

soak: build
	@node --disable-warning=ExperimentalWarning test/soak/main.ts $(ARGS)

# The long forms: thousands of crashes, and the faults that must be found among them. ARGS: test/crash-explorer/README.md.
crash: build
	@node --disable-warning=ExperimentalWarning test/crash-explorer/main.ts --random 12 --samples 12 --states 20400 $(ARGS)

# The same for the mailboxes of IMAP.
crash-mailboxes: build
	@node --disable-warning=ExperimentalWarning test/crash-explorer/mailboxes/main.ts $(ARGS)

crash-mutations: build
	@node --disable-warning=ExperimentalWarning test/crash-explorer/mutate.ts $(ARGS)

hostile-mutations: build
	@node --disable-warning=ExperimentalWarning test/hostile/support/mutate.ts $(ARGS)

# Dovecot and we on one Maildir, in turns and at once (test/alternate/README.md).
alternate: build
	@node --disable-warning=ExperimentalWarning test/alternate/main.ts $(ARGS)

# Every suite file in a directory, each by its kind (test/suites/README.md).
suites: build
	@node --disable-warning=ExperimentalWarning test/suites/main.ts "$(SUITES)" "$(KINDS)"

# Every file of IMAP dialogues in a directory, with its player in tools/ (test/suites/README.md).
imap-suites: build
	@node --disable-warning=ExperimentalWarning test/suites/imap.ts "$(SUITES)" "$(ONLY)"

demo: build
	@node test/demo/tour.ts

test: build
	@node packages/workshop/build/src/prove.ts

# Beside Postfix, Dovecot and, where QMAIL_HOME names one, C qmail; nothing else should run meanwhile.
bench bench-quick: build peers native
	@node test/bench/bench.ts $(if $(filter bench-quick,$@),--quick)

# Debian packages that some tests talk to; the others say so and go on where they are absent.
peers: build
	@node packages/workshop/build/src/peers.ts

# As root: programs below PREFIX, a home with accounts of its own. Variables: packages/workshop/installation/README.md.
install uninstall check-install: build
	@node packages/workshop/build/src/install.ts $@

# Thin programs compiled ahead, for a quicker start (packages/workshop/native/README.md): build makes them too, where it can and NATIVE is not 0.
native: build
	@test -x dist/native || node packages/workshop/build/src/native.ts

# Who lives in which wing of packages/, which wings it may look into, and what of Node it may use.
map map-write: .runtime/installed
	@node packages/workshop/build/src/map.ts $(if $(filter map-write,$@),--write)

# The manual pages, made of the READMEs: man -M man inject
man: build
	@node packages/workshop/build/src/pages.ts

sources := $(wildcard packages/*/*/src/*.ts packages/*/*/src/*/*.ts)
.runtime/built: .runtime/installed $(sources)
	@echo 'Building the programs: a file each in dist/, some seconds.'
	@node packages/workshop/build/src/bundle.ts
	@node packages/workshop/build/src/native.ts --if-possible
	@touch $@

# A Node that the link led to may have been removed since.
ifeq ($(realpath .runtime/node),)
.runtime/installed: again
endif
.runtime/installed: package.json package-lock.json packages/workshop/build/src/runtime.mjs
	@echo 'Bringing what the build needs, from the npm registry into node_modules/ and .runtime/: half a minute or so. Only this directory is touched.'
	@node packages/workshop/build/src/runtime.mjs
	@npm ci --loglevel=error --no-progress --no-audit --no-fund --no-update-notifier >/dev/null
	@touch $@

.PHONY: again build layers native map map-write start crash crash-mailboxes crash-mutations hostile-mutations suites imap-suites alternate demo test peers fuzz soak man install uninstall check-install bench bench-quick
