#!/usr/bin/env bash
# Fuzzes each oracle of tests/oracles in turn for FUZZ_SECONDS (60), on the stable toolchain, without
# cargo-fuzz: libFuzzer needs coverage counters only, which stable's code generation options give.
# No sanitizer: everything of ours forbids unsafe code, and a broken promise panics.
#
# There are two workspaces: fuzz/, and fuzz/scenarios/ for stories in which keys are agreed on. There
# worthless stand-ins for P-256 and AES-GCM replace curve and cipher, which would be most of the time.
#
#   scripts/fuzz.sh [TARGET…]            all, or these
#   scripts/fuzz.sh --minimise [TARGET…] adds a sample of what was found to the committed corpora
#
# What is found on the way stays in fuzz/target/corpus, what fails in fuzz/artifacts; a failure's file
# belongs into the target's corpus with the fix.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"

seconds=${FUZZ_SECONDS:-60}
# Committed corpora are replayed with every `cargo test`, and stay small: so many files and bytes each.
committed_files=80
committed_bytes=16384

minimise=""
if [ "${1:-}" = --minimise ]; then
  minimise=yes
  shift
fi

host=$(rustc -vV | sed -n 's/^host: //p')
# Each has a target folder of its own: what is counted differs.
RUSTC_WRAPPER=$PWD/rustc.sh cargo build --release --quiet --bins --target "$host" --target-dir target
RUSTC_WRAPPER=$PWD/rustc.sh COUNTED=authloop_core cargo build --manifest-path scenarios/Cargo.toml \
  --release --quiet --bins --target "$host" --target-dir target/scenarios

# Stories hold and drop messages of many kilobytes: memory that goes back to the system each time, and is
# asked for again, would be a third of their time.
export MALLOC_TRIM_THRESHOLD_=268435456 MALLOC_MMAP_THRESHOLD_=268435456

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for file in fuzz_targets/*.rs scenarios/fuzz_targets/*.rs; do
    targets+=("$(basename "$file" .rs)")
  done
fi

for target in "${targets[@]}"; do
  program=target/$host/release/$target
  if [ -f "scenarios/fuzz_targets/$target.rs" ]; then
    program=target/scenarios/$host/release/$target
  fi
  found=target/corpus/$target
  mkdir -p "corpus/$target" "$found" artifacts
  options=(-artifact_prefix="artifacts/$target-" -rss_limit_mb=1024 -timeout=20)
  if [ -f "scenarios/fuzz_targets/$target.rs" ]; then
    # To know what is rare costs a fifth of the time, and finds no more in it.
    options+=(-entropic=0)
  fi
  if [ -f "dictionaries/$target.dict" ]; then
    options+=(-dict="dictionaries/$target.dict")
  fi
  if [ -n "$minimise" ]; then
    merged=$(mktemp -d)
    "$program" "${options[@]}" -merge=1 -max_len=1024 "$merged" "corpus/$target" "$found"
    size=$(cat "corpus/$target"/* | wc -c)
    # Their names are hashes: the first of them are a fair sample.
    for file in $(ls "$merged" | head -n $committed_files); do
      size=$((size + $(wc -c <"$merged/$file")))
      [ "$size" -le $committed_bytes ] || break
      cp -n "$merged/$file" "corpus/$target/"
    done
    rm -r "$merged"
    continue
  fi
  printf '== %s, %s s\n' "$target" "$seconds"
  # A state machine's counters are reached by values rather than by branches.
  "$program" "${options[@]}" -max_total_time="$seconds" -print_final_stats=1 -use_value_profile=1 \
    -max_len=8192 -verbosity=0 "$found" "corpus/$target"
done
