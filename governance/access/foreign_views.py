"""Views of other people's packages, which cannot carry our marks: each with the reason why it may be reached.

Keys are "module.qualified_name" of the view function. An entry that starts with "public: " needs no sign-in of ours.
"""

FOREIGN_VIEWS: dict[str, str] = {}


def view_name(view: object) -> str:
    """Return the key under which a view is looked up."""
    target = getattr(view, "view_class", view)
    return f"{getattr(target, '__module__', '')}.{getattr(target, '__qualname__', '')}"
