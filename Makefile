# Everything a developer types. "make" or "make help" lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup demo dev build screens test lint race bench chaos load verify clean

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
SCREENS := $(if $(wildcard frontend/package.json),-tags screens,)
ARGS ?=
KILLS ?= 30
PEOPLE ?= 500,1000
LIVES ?=
SECONDS ?= 60

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what tests and lint need (root on Debian), or say what is missing
	@.ci/setup

demo: build ## build everything, run the whole loop on a made-up provider, serve the screens
	@bin/muster demo $(ARGS)

dev: ## serve from source: Go with the embedded database, screens by Vite with reload
	@.ci/dev

build: screens ## bin/muster, one binary with the screens inside
	@.ci/setup go
	@CGO_ENABLED=0 go build $(SCREENS) -trimpath -ldflags '$(LDFLAGS)' -o bin/muster ./cmd/muster

screens:
	@.ci/screens

test: ## all tests: Go on SQLite and PostgreSQL, screens, end to end in Chromium
	@.ci/test

lint: ## the rules of the house, golangci-lint, the screens' linters
	@.ci/lint

race: ## Go tests under the race detector
	@.ci/race

bench: ## benchmarks, five runs each, in the form benchstat reads
	@go test -run '^$$' -bench . -benchmem -count 5 ./...

chaos: ## kill -9 of serving processes under load; KILLS=30 per database
	@MUSTER_TEST_KILLS=$(KILLS) go test ./cmd/muster -run TestKilledNodesLoseNothing -count 1 -timeout 30m -v $(ARGS)

load: ## PEOPLE=500,1000 at once, until answered or queued; or LIVES=100 a second for SECONDS=60
	@MUSTER_TEST_PEOPLE=$(PEOPLE) MUSTER_TEST_LIVES=$(LIVES) MUSTER_TEST_SECONDS=$(SECONDS) \
		go test ./cmd/muster -run $(if $(LIVES),TestWholeLives,TestManyPeopleAtOnce) -count 1 -timeout 15m -v $(ARGS)

verify: ## fail when generated files drift from their sources
	@.ci/verify

clean: ## remove what was built and the demo's directory
	@rm -rf bin demo .ci/bin
