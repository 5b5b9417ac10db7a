"""`dataclass` as in the standard library, at a tenth of the price.

The standard module imports `inspect`, and its decorator compiles six methods for every class; the model has some 200
classes, and a start paid 150 ms for them. Here nothing is compiled: what a class needs is written once, below. Type
checkers see the standard one, and it is they who keep frozen values frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    _MISSING = object()

    class _Field:
        """As `dataclasses.replace` and `copy` know it."""

        init = True
        _field_type = None

        def __init__(self, default=_MISSING, default_factory=None, repr=True, compare=True):  # noqa: A002
            self.default = default
            self.default_factory = default_factory
            self.repr = repr
            self.compare = compare

    def field(**options):
        return _Field(**options)

    def dataclass(cls=None, /, *, frozen=False, kw_only=False, order=False):
        def made(cls):
            own = vars(cls)
            fields = {}
            for base in reversed(cls.__mro__[1:]):
                fields.update(base.__dict__.get("__dataclass_fields__", {}))
            for name, annotation in own.get("__annotations__", {}).items():
                if annotation.startswith("ClassVar"):
                    continue
                value = own.get(name, _MISSING)
                one = value if isinstance(value, _Field) else _Field(value)
                one.name, one.kw_only = name, kw_only
                fields[name] = one
                if value is one:
                    if one.default is _MISSING:
                        delattr(cls, name)
                    else:
                        setattr(cls, name, one.default)
            cls.__dataclass_fields__ = fields
            methods = {**_METHODS, "__init__": _initializer(cls, fields), **(_ORDER if order else {})}
            methods["__match_args__"] = tuple(name for name, one in fields.items() if not one.kw_only)
            for name, method in methods.items():
                if name not in own:
                    setattr(cls, name, method)
            if not frozen:
                cls.__hash__ = None
            return cls

        return made if cls is None else made(cls)

    def _initializer(cls, fields):
        """As the standard one behaves, with the fields' values looked up instead of compiled in."""
        positional = tuple(name for name, one in fields.items() if not one.kw_only)
        names = frozenset(fields)
        defaults = {name: one.default for name, one in fields.items() if one.default is not _MISSING}
        factories = {name: one.default_factory for name, one in fields.items() if one.default_factory}
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

    def replace(instance, /, **changes):
        return instance.__class__(**{name: getattr(instance, name) for name in instance.__dataclass_fields__} | changes)

    def _compared(instance):
        return tuple(getattr(instance, name) for name, one in instance.__dataclass_fields__.items() if one.compare)

    def _eq(self, other):
        return _compared(self) == _compared(other) if other.__class__ is self.__class__ else NotImplemented

    def _hash(self):
        return hash(_compared(self))

    def _repr(self):
        shown = ", ".join(
            f"{name}={getattr(self, name)!r}" for name, one in self.__dataclass_fields__.items() if one.repr
        )
        return f"{self.__class__.__qualname__}({shown})"

    def _lt(self, other):
        return _compared(self) < _compared(other) if other.__class__ is self.__class__ else NotImplemented

    def _le(self, other):
        return _compared(self) <= _compared(other) if other.__class__ is self.__class__ else NotImplemented

    _METHODS = {"__eq__": _eq, "__hash__": _hash, "__repr__": _repr}
    _ORDER = {"__lt__": _lt, "__le__": _le}  # the other two are these, seen from the other side

__all__ = ["dataclass", "field", "replace"]
