"""`python -m infra.cli`: the command `sendalong` where it is not installed."""

from infra.cli import run

run()
