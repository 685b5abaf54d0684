"""The local stack: the whole system on one machine, for newcomers, the demo and end-to-end tests."""

from infra.local_stack.errors import ChildDied, StackError
from infra.local_stack.folder import DataFolder, RunningStack, default_folder
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import Ports, free_ports
from infra.local_stack.program import Part
from infra.local_stack.stack import LocalStack, empty_folder

__all__ = [
    "ChildDied",
    "DataFolder",
    "LocalStack",
    "Part",
    "Ports",
    "RunningStack",
    "StackError",
    "StackOptions",
    "default_folder",
    "empty_folder",
    "free_ports",
]
