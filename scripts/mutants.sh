#!/usr/bin/env bash
# Mutation testing of core: changes one function at a time, and fails if the tests of core pass all the
# same. What can't be told from the original is listed, with the reason, in .cargo/mutants.toml.
#
#   scripts/mutants.sh                crypto, input and agent/flow
#   scripts/mutants.sh FOLDER…        these folders, or files without their .rs, of core/src
#   scripts/mutants.sh all            all of core
#
# CARGO_MUTANTS_JOBS sets how many are built at a time. Results stay in target/mutants/mutants.out.
set -euo pipefail
cd "$(dirname "$0")/.."

areas=("$@")
if [ ${#areas[@]} -eq 0 ]; then
  areas=(crypto input agent/flow)
elif [ "$*" = all ]; then
  areas=($(ls core/src | sed -n 's/^lib\.rs$//; s/\.rs$//; /./p' | sort -u))
fi

files=() own_tests=()
for area in "${areas[@]}"; do
  files+=(--file "core/src/$area.rs" --file "core/src/$area/**")
  # A file's tests may lie beside it.
  module=$area
  if [[ $area == */* && ! -d core/src/$area ]]; then module=${area%/*}; fi
  own_tests+=("${module//\//::}::")
done

home=target/mutants
results=$home/mutants.out
rm -rf "$home"
mkdir -p "$home"
# One that grows without end fails, rather than taking the machine with it.
ulimit -v $((12 * 1024 * 1024))

try() {
  local status=0
  cargo mutants --package authloop-core "${files[@]}" --output "$home" --no-times "$@" || status=$?
  # 2 and 3: some were missed, or ran until they were stopped.
  [ "$status" -eq 0 ] || [ "$status" -eq 2 ] || [ "$status" -eq 3 ] || exit "$status"
}

# Most fall to a few of the tests beside them; what is left meets every test of core.
PROPTEST_CASES=64 PROPTEST_MAX_SHRINK_ITERS=0 try --cargo-arg=--lib -- -- "${own_tests[@]}"
cp "$results/unviable.txt" "$home/unviable.txt"
PROPTEST_MAX_SHRINK_ITERS=0 try --iterate -- --lib --tests

count() { grep -c "^core/src/$1[/.]" "$2" || true; }
for area in "${areas[@]}"; do
  total=$(cargo mutants --list --package authloop-core --file "core/src/$area.rs" --file "core/src/$area/**" | wc -l)
  unviable=$(count "$area" "$home/unviable.txt")
  missed=$(count "$area" "$results/missed.txt")
  timeout=$(count "$area" "$results/timeout.txt")
  printf '%s: %s mutants, %s do not build, %s caught, %s stopped by the clock, %s missed\n' "$area" \
    "$total" "$unviable" "$((total - unviable - missed - timeout))" "$timeout" "$missed"
done
[ ! -s "$results/missed.txt" ]
