"""Prints the page of all operations: `python -m komp_flow.operations > docs/operations.md`."""

import sys

from komp_flow import operations

sys.stdout.write(operations.documentation())
