"""`dataclass` as in the standard library, at a fifth of the price.

The standard decorator compiles six methods for every class; the model has some 180 classes, and a start paid 150 ms for
them. Here only `__init__` is compiled; equality, hash and text are written once, below. Type checkers see the
standard one, and it is they who keep frozen values frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, replace
else:
    from dataclasses import dataclass as _standard
    from dataclasses import field, fields, replace

    def dataclass(cls=None, /, *, frozen=False, kw_only=False, order=False):
        if order:
            return _standard(cls, frozen=frozen, kw_only=kw_only, order=True)

        def made(cls):
            own = set(vars(cls))
            cls = _standard(cls, repr=False, eq=False, kw_only=kw_only)
            for name, method in _METHODS.items():
                if name not in own:
                    setattr(cls, name, method)
            if not frozen:
                cls.__hash__ = None
            return cls

        return made if cls is None else made(cls)

    def _eq(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(self) if f.compare)

    def _hash(self):
        return hash(tuple(getattr(self, f.name) for f in fields(self) if f.compare))

    def _repr(self):
        shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
        return f"{self.__class__.__qualname__}({shown})"

    _METHODS = {"__eq__": _eq, "__hash__": _hash, "__repr__": _repr}

__all__ = ["dataclass", "field", "fields", "replace"]
