"""The lexbor tree from Python: the few moves that its bindings make slow or awkward."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from resiliparse.parse.html import DocumentNode, ElementNode, HTMLTree, Node, node


def select(root: DocumentNode | ElementNode, selector: str) -> Sequence[ElementNode]:
    """Return the elements that match a CSS selector, in document order, as of now.

    Iterating the bindings' own list makes all its wrappers anew for each step (measured:
    2,000 elements take 6.6 s; the slice takes 4 ms).
    """
    if selector.isalpha():  # a tag alone: found without a walk over a tree that has none
        return root.get_elements_by_tag_name(selector)[:]
    return root.query_selector_all(selector)[:]


def children_of(node: ElementNode) -> list[Node]:
    """Return the nodes right below one, by siblings: indexing `child_nodes` walks its list each time."""
    out: list[Node] = []
    child = node.first_child
    while child is not None:
        out.append(child)
        child = child.next_sibling
    return out


def holds(root: ElementNode, tag: str) -> bool:
    """Return whether an element with a tag stands in another."""
    return len(root.get_elements_by_tag_name(tag)) > 0


def element(tree: HTMLTree, tag: str, text: str = "") -> ElementNode:
    """Return a new element that holds a text. The bindings type it as optional; it never is."""
    made = cast(ElementNode, tree.create_element(tag))
    if text:
        made.text = text
    return made


def text_node(tree: HTMLTree, text: str) -> Node:
    """Return a new text node."""
    return cast(Node, tree.create_text_node(text))


def fragment(tree: HTMLTree) -> Node:
    """Return a new fragment: what is put into a tree in its place is what it holds."""
    document = tree.document
    assert document is not None
    return document.create_document_fragment()


class _Unkept:
    """Keeps no node: in the place of the bindings' dictionary of all that anyone holds."""

    def get(self, _key: object, _default: object = None) -> None:
        """Return None: nothing is kept."""

    def __setitem__(self, _key: object, _node: object) -> None:
        """Keep nothing."""


_CACHE = "_node_cache"
_kept: Any = getattr(node, _CACHE, None)
_unkept = _Unkept()


@contextmanager
def plain_nodes() -> Generator[None]:
    """Make nodes without looking each up among those that are held: so `is` tells nothing, `==` does.

    The bindings look in a `WeakValueDictionary`, which is written in Python: two fifths of what a node
    costs (2.6 us, 1.6 without). Whoever works with nodes in another thread meanwhile may get two of one.
    """
    if _kept is None:  # the bindings of another version
        yield
        return
    setattr(node, _CACHE, _unkept)
    try:
        yield
    finally:
        setattr(node, _CACHE, _kept)
