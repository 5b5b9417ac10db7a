"""`dataclass` as in the standard library, at a tenth of the price.

The standard decorator compiles six methods for every class; the model has some 200 classes, and a start paid 150 ms for
them. Here nothing is compiled: what a class needs is written once, below. Type checkers see the standard one, and it is
they who keep frozen values frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, replace
else:
    from dataclasses import MISSING, field, fields, replace
    from dataclasses import dataclass as _standard

    def dataclass(cls=None, /, *, frozen=False, kw_only=False, order=False):
        if order:
            return _standard(cls, frozen=frozen, kw_only=kw_only, order=True)

        def made(cls):
            own = set(vars(cls))
            if cls.__doc__ is None:
                cls.__doc__ = cls.__name__  # else the standard one writes its signature, which takes long
            cls = _standard(cls, init=False, repr=False, eq=False, kw_only=kw_only)
            for name, method in {**_METHODS, "__init__": _initializer(cls)}.items():
                if name not in own:
                    setattr(cls, name, method)
            if not frozen:
                cls.__hash__ = None
            return cls

        return made if cls is None else made(cls)

    def _initializer(cls):
        """As the standard one behaves, with the fields' values looked up instead of compiled in."""
        every = fields(cls)
        positional = tuple(one.name for one in every if not one.kw_only)
        names = frozenset(one.name for one in every)
        defaults = {one.name: one.default for one in every if one.default is not MISSING}
        factories = {one.name: one.default_factory for one in every if one.default_factory is not MISSING}
        required = names - defaults.keys() - factories.keys()
        after = getattr(cls, "__post_init__", None)

        def initialize(self, *arguments, **named):
            values = self.__dict__
            given = dict(zip(positional, arguments))  # noqa: B905 (fewer are fine)
            fits = len(arguments) <= len(positional) and names.issuperset(named) and given.keys().isdisjoint(named)
            given.update(named)
            if not fits or not required <= given.keys():
                # No values: one of them may be a secret.
                message = (
                    f"{cls.__name__} takes {sorted(names)}, given were {len(arguments)} values and {sorted(named)}"
                )
                raise TypeError(message)
            values.update(defaults)
            values.update(given)
            for name, factory in factories.items():
                if name not in values:
                    values[name] = factory()
            if after is not None:
                after(self)

        return initialize

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
