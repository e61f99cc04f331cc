#!/usr/bin/env bash
# Installs what the tests and the demo need and this machine lacks: Chromium, its WebDriver, and,
# for the tests, a Python virtual environment and Node packages. Does nothing where all is there.
#
#   scripts/install-tools.sh browser    Chromium and chromedriver
#   scripts/install-tools.sh bench      the same, and Node
#   scripts/install-tools.sh clients    what the foreign clients of the tests need
#   scripts/install-tools.sh fuzz       a C++ compiler, for libFuzzer
#   scripts/install-tools.sh mutants    cargo-mutants
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

have_browser() {
  { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 &&
    command -v chromedriver >/dev/null 2>&1
}

install_packages() {
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      say "please install these packages as root, then try again: $*"
      exit 1
    fi
    sudo=sudo
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    say "please install these with your system's package manager, then try again: $*"
    exit 1
  fi
  say "installing $*"
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

browser() {
  have_browser || install_packages chromium chromium-driver
}

node_js() {
  command -v node >/dev/null 2>&1 || install_packages nodejs npm
}

# A virtual environment for each requirements file: tests/python/<name>.txt
clients() {
  local requirements name
  command -v python3 >/dev/null 2>&1 || install_packages python3 python3-venv
  for requirements in tests/python/*.txt; do
    [ -e "$requirements" ] || continue
    name=$(basename "$requirements" .txt)
    local home="target/python/$name"
    if ! cmp -s "$requirements" "$home/installed.txt"; then
      say "preparing $home"
      rm -rf "$home"
      python3 -m venv "$home"
      "$home/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
      cp "$requirements" "$home/installed.txt"
    fi
  done
  node_js
  local page=relay/viewer-tests
  if ! cmp -s $page/package.json $page/node_modules/installed.json; then
    say "preparing $page/node_modules"
    npm install --silent --no-audit --no-fund --no-package-lock --prefix $page
    cp $page/package.json $page/node_modules/installed.json
  fi
  npm_packages tests/inspector target/inspector
  npm_packages tests/devtools-protocol target/devtools-protocol
}

# What a package.json names, installed in a folder of its own; by a date, so that what it depends on is
# the same everywhere.
npm_packages() {
  local wanted="$1/package.json" home="$2"
  if ! cmp -s "$wanted" "$home/installed.json"; then
    say "preparing $home"
    rm -rf "$home"
    mkdir -p "$home"
    cp "$wanted" "$home/package.json"
    npm install --silent --no-audit --no-fund --no-package-lock --before 2026-11-22 \
      --prefix "$home"
    cp "$wanted" "$home/installed.json"
  fi
}

fuzz() {
  command -v c++ >/dev/null 2>&1 || install_packages g++
}

mutants() {
  cargo mutants --version >/dev/null 2>&1 || {
    say "installing cargo-mutants"
    cargo install cargo-mutants --locked --quiet
  }
}

case "${1:-}" in
  browser) browser ;;
  bench) browser; node_js ;;
  clients) browser; clients ;;
  fuzz) fuzz ;;
  mutants) mutants ;;
  *) say "usage: $0 browser|bench|clients|fuzz|mutants"; exit 2 ;;
esac
