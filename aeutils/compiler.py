"""PyTorch's compiler, which every optimizer of torch.optim imports before its first step: loaded once it is used.

That import takes seconds in each notebook, and nothing in the course is compiled.
"""

import importlib
from importlib.util import find_spec
import sys
from types import ModuleType

NAME = "torch._dynamo"


class Compiler(ModuleType):
    """Stands in for PyTorch's compiler as long as it is asked only for what optimizers ask of it.

    Whatever else it is asked for, as torch.compile does, brings the real one, which takes its place.
    """

    def __init__(self):
        super().__init__(NAME)
        self.__spec__ = find_spec(NAME)
        self.__file__ = self.__spec__ and self.__spec__.origin
        self._functions = []

    def graph_break(self):
        """Ends what is compiled as one piece; nothing is."""

    def disable(self, function, *args, **options):
        """The function as it is, since nothing is compiled. Optimizers keep the answer; load makes them ask again."""
        self._functions.append(function)
        return function

    def __getattr__(self, name):
        if name.startswith("__") and name != "__path__":  # who looks through all modules wants nothing of this one
            raise AttributeError(f"module {NAME!r} has no attribute {name!r}")
        return getattr(self._load(), name)

    def _load(self):
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        while self._functions:
            vars(self._functions.pop()).pop("__dynamo_disable", None)
        return importlib.import_module(NAME)


def postpone():
    """Have the compiler loaded on first use, unless it is there already."""
    if NAME not in sys.modules:
        sys.modules[NAME] = Compiler()
