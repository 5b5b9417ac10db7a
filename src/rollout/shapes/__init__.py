"""Shapes: what a part of a plan file may look like. Each reads a node into a typed value and prints its JSON Schema.

To add one: a class with `read` and `schema`. A shape reports every problem at its place and goes on, so that one run
shows all of them; what cannot be read at all raises `Unreadable`, which the surrounding collection catches.
"""

from rollout.shapes.book import Book, Problem, Severity, Unreadable, nearest
from rollout.shapes.collections import ListOf, MapOf
from rollout.shapes.nodes import Mapping, Node, Place, Scalar, Sequence
from rollout.shapes.promql import CheckedQuery, PromQL
from rollout.shapes.record import Key, Keyed, Misfit, Record
from rollout.shapes.scalars import Boolean, Choice, Duration, Integer, Number, Pattern, Share, Template, Text
from rollout.shapes.shape import ByNode, Mapped, Named, Noted, Schema, Shape
from rollout.shapes.words import LABEL, Name, Reference, UnitName

__all__ = [
    "LABEL",
    "Book",
    "Boolean",
    "ByNode",
    "CheckedQuery",
    "Choice",
    "Duration",
    "Integer",
    "Key",
    "Keyed",
    "ListOf",
    "MapOf",
    "Mapped",
    "Mapping",
    "Misfit",
    "Name",
    "Named",
    "Node",
    "Noted",
    "Number",
    "Pattern",
    "Place",
    "Problem",
    "PromQL",
    "Record",
    "Reference",
    "Scalar",
    "Schema",
    "Sequence",
    "Severity",
    "Shape",
    "Share",
    "Template",
    "Text",
    "UnitName",
    "Unreadable",
    "nearest",
]
