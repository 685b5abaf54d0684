"""`python -m infra.cli`: the command `sendalong` where it is not installed."""

import sys

from infra.cli import main

sys.exit(main())
