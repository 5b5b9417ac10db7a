"""Our `dataclass` behaves as the standard one does, but for what it leaves out."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import pytest

from rollout.frozen import dataclass, field, replace


@dataclass(frozen=True)
class Point:
    kind: ClassVar[str] = "point"

    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    secret: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True)
class Point3(Point):
    z: int = 3

    def __post_init__(self) -> None:
        if self.z < 0:
            raise ValueError("below the ground")


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0


@dataclass
class Counter:
    count: int = 0


class Shape(ABC):
    @abstractmethod
    def area(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Square(Shape):
    side: int

    def area(self) -> int:
        return self.side**2


def test_fields_are_filled_by_place_and_by_name_else_by_default() -> None:
    point = Point3(1, z=5)
    assert (point.x, point.y, point.tags, point.secret, point.z) == (1, 2, [], "", 5)
    assert Point(1).tags is not Point(1).tags
    assert Point.kind == "point"
    assert Square(side=3).area() == 9


@pytest.mark.parametrize("arguments", [(), (1, 2, [], "", 3)])
def test_what_does_not_fit_is_refused_without_telling_the_values(arguments: tuple[object, ...]) -> None:
    make: Callable[..., Point] = Point
    with pytest.raises(TypeError, match="Point takes"):
        make(*arguments)


def test_equal_is_what_has_the_same_class_and_compared_fields() -> None:
    assert Point(1) == Point(1, secret="other")
    assert Point(1) != Point(2)
    assert Point(1) != Point3(1)
    assert len({Version(1), Version(1, 0), Version(2)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Counter())


def test_order_is_that_of_the_fields() -> None:
    versions = [Version(2), Version(1, 5), Version(1)]
    assert sorted(versions) == [Version(1), Version(1, 5), Version(2)]
    assert Version(2) > Version(1, 9) >= Version(1, 9)


def test_a_secret_is_not_shown() -> None:
    assert repr(Point(1, secret="hunter2")) == "Point(x=1, y=2, tags=[])"


def test_it_is_checked_after_it_was_filled_and_after_it_was_replaced() -> None:
    assert replace(Point3(1), z=4) == Point3(1, z=4)
    assert dataclasses.replace(Point3(1), z=4) == Point3(1, z=4)
    with pytest.raises(ValueError, match="below the ground"):
        replace(Point3(1), z=-1)


def test_it_is_matched_by_place() -> None:
    match Version(1, 5):
        case Version(major, minor):
            assert (major, minor) == (1, 5)
