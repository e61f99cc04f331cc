#!/usr/bin/env bash
# Runs clients that nobody here wrote against the built programs. What they need is installed by
# scripts/install-tools.sh clients. Fails if a suite fails, or if it has no tests.
set -euo pipefail
cd "$(dirname "$0")"
tools=../../target/python
failed=0

# Takes the virtual environment, the suite that it runs, and what the suite is about.
suite() {
  printf '%s\n' "$3"
  # pytest ends with 5 where it finds no test.
  PYTHONDONTWRITEBYTECODE=1 "$tools/$1/bin/python" -m pytest "suites/$2" || failed=1
}

suite mcp1 mcp "MCP SDK 1.x for Python, and a viewer in Python"
suite mcp2 mcp "MCP SDK 2.x for Python, and a viewer in Python"
suite mcp2 inspector "MCP Inspector, set up as the READMEs say"
suite authloop relay "AuthLoop SDK for Python, and an agent and a viewer in Python"
exit "$failed"
