"""What stops the supervisor with a message instead of a traceback."""


class EmbeddedError(Exception):
    """A condition that a person can mend; its text says how."""


def say(text: str) -> None:
    """Print at once; a terminal that has gone away is no reason to leave servers running."""
    try:
        print(text, flush=True)
    except OSError:
        return
