# Everything here installs what it lacks; see scripts/install-tools.sh.
.PHONY: demo test check bench fuzz mutants

# A login page, a browser stuck at it, and a link for you to open. AUTO=1: a scripted human instead.
# GALLERY=1: every kind of wall for you to try, one page each.
demo:
	scripts/install-tools.sh browser
ifdef GALLERY
	cargo build --quiet --package authloop-mcp --package authloop-testkit --bins
	AUTHLOOP_MCP_BINARY=target/debug/authloop-mcp target/debug/gallery_demo
else ifdef AUTO
	cargo build --quiet --package authloop-mcp --package authloop-testkit --bins
	AUTHLOOP_MCP_BINARY=target/debug/authloop-mcp target/debug/auto_demo
else
	cargo build --quiet --package authloop-mcp
	target/debug/authloop-mcp demo
endif

# Everything: linters, unit and property tests, the viewer page's tests, real browsers, foreign clients.
test: check
	cargo test --workspace --no-run
	node --test relay/viewer-tests/
	tests/python/run.sh
	AUTHLOOP_MCP_BINARY=$(CURDIR)/target/debug/authloop-mcp cargo test --workspace

check:
	scripts/install-tools.sh clients
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
	relay/viewer-tests/node_modules/.bin/tsc -p relay/viewer-tests/tsconfig.json
	relay/viewer-tests/node_modules/.bin/tsc -p tests/webcrypto/tsconfig.json

# The figures of the README, measured on this machine in some five minutes. Prints them and judges nothing.
bench:
	scripts/install-tools.sh bench
	cargo build --release --package authloop-mcp --package authloop-testkit --bins
	target/release/bench
	node relay/viewer-tests/secure-bench.js

# Each oracle of tests/oracles against what libFuzzer thinks of, FUZZ_SECONDS each (60). Stable toolchain.
fuzz:
	scripts/install-tools.sh fuzz
	scripts/fuzz.sh

# Breaks core in every way cargo-mutants knows and tells what no test notices: crypto, input and flow, in
# an hour or more; MUTANTS="relay viewer" for other folders of core/src, MUTANTS=all for all of it.
mutants:
	scripts/install-tools.sh mutants
	scripts/mutants.sh $(MUTANTS)
