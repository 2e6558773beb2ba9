"""Serve a world from a process of its own until standard input ends; say the URL first."""

from __future__ import annotations

import sys

from ecrmock import Server

if __name__ == "__main__":
    with Server() as server:
        print(server.url, flush=True)  # noqa: T201 - read by who started this
        sys.stdin.read()
