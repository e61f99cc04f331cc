"""The MCP Inspector, set up with what the READMEs say."""

import json
import os
import re
import subprocess

import pytest

from foreign.programs import ROOT, built

INSPECTOR = ROOT / "target/inspector/node_modules"
LAUNCHER = INSPECTOR / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"


def configurations():
    """Yields every configuration in JSON that a README shows and the Inspector can read."""
    for readme in ("README.md", "mcp/README.md"):
        blocks = re.findall(r"^```json\n(.*?)^```", (ROOT / readme).read_text(), re.M | re.S)
        for number, block in enumerate(blocks, 1):
            configuration = json.loads(block)
            if "mcpServers" in configuration:
                yield pytest.param(configuration, id=f"{readme}-{number}")


CONFIGURATIONS = list(configurations())


@pytest.fixture
def inspect(tmp_path):
    def run(configuration, *arguments):
        file = tmp_path / "configuration.json"
        file.write_text(json.dumps(configuration))
        command = [INSPECTOR / ".bin/node", LAUNCHER, "--cli", "--config", file]
        return subprocess.run(
            [*command, "--server", "authloop", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            # Nobody's home directory and no key ring: nothing is kept.
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "MCP_INSPECTOR_SECRET_STORE": "memory",
            },
        )

    return run


def here(configuration, **environment):
    """Puts this machine's program, and this test's settings, into a configuration."""
    server = configuration["mcpServers"]["authloop"]
    assert server["command"].endswith("authloop-mcp")
    environment = {**server["env"], **environment}
    return {
        "mcpServers": {"authloop": {**server, "command": built("authloop-mcp"), "env": environment}}
    }


def test_the_readmes_show_configurations():
    assert len(CONFIGURATIONS) >= 3


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_the_tools_are_portable(inspect, configuration):
    listed = inspect(here(configuration), "--method", "tools/list", "--strict")
    assert listed.returncode == 0, listed.stderr
    # Its own words about itself aside, it only speaks of schemas that some client can't take.
    complaints = [line for line in listed.stderr.splitlines() if "[mcp-inspector]" not in line]
    assert complaints == []
    names = [tool["name"] for tool in json.loads(listed.stdout)["tools"]]
    assert names == ["authloop_cancel", "authloop_status", "authloop_to_human"]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_a_page_is_handed_over(inspect, configuration, tab, cdp_url):
    called = inspect(
        here(configuration, AUTHLOOP_CDP_URL=cdp_url),
        *("--method", "tools/call", "--tool-name", "authloop_to_human"),
        *("--tool-arg", "service=Example", f"context={json.dumps({'url': tab.url})}"),
    )
    assert called.returncode == 0, called.stderr
    result = json.loads(called.stdout)
    assert not result.get("isError"), called.stdout
    assert result["structuredContent"]["session_url"] in result["content"][0]["text"]
    assert tab.url.startswith(result["structuredContent"]["page_origin"])
