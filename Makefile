# Two targets matter: make start (run it here) and make test (prove it). Each installs and builds what it needs.
export PATH := $(CURDIR)/.runtime:$(PATH)
unexport NODE_EXTRA_CA_CERTS

build: .runtime/built

.runtime/built: node_modules/.package-lock.json $(shell find packages -name '*.ts' -path '*/src/*') packages/build/src/runtime.mjs
	node packages/build/src/bundle.ts
	touch $@

node_modules/.package-lock.json: package.json package-lock.json packages/build/src/runtime.mjs
	npm ci --silent
	node packages/build/src/runtime.mjs
	touch $@

types: build
	node_modules/.bin/tsc -b

lint: build
	node_modules/.bin/biome check

.PHONY: build types lint
