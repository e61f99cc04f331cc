#!/usr/bin/env bash
# Stands before rustc (RUSTC_WRAPPER): gives coverage counters to our crates and to the parsers they lean
# on. Counted curve arithmetic would be fifty times slower, and tells a fuzzer nothing.
set -euo pipefail

# COUNTED names others: where a machine is what counts, its own edges say enough, and count faster.
counted=" ${COUNTED:-authloop_core authloop_oracles base64 form_urlencoded idna jiff percent_encoding serde serde_core serde_json unicode_segmentation url} "

name="" target=""
previous=""
for argument in "$@"; do
  case "$previous" in
    --crate-name) name=$argument ;;
    --target) target=$argument ;;
  esac
  previous=$argument
done
# What is built without a target runs while building: macros and build scripts, which couldn't link them.
if [ -n "$target" ] && [[ "$counted" == *" $name "* || " $* " == *" fuzz_targets/"* ]]; then
  set -- "$@" -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
fi
exec "$@"
