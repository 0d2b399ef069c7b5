"""Two kinds of error: what a person can fix is a reply that says how;
everything else is a red run with a traceback.
"""


class UserError(Exception):
    """Something a person can put right. The message says what is wrong and what to do; ``code`` is its
    stable reason.

    Codes: unknown, malformed, look-alike, not-allowed, edited, gate, state, missing, no-access,
    not-an-incident, settings; of operations: no-services, unknown-service, no-provider, no-release,
    unknown-target, current, busy, migrations, late, unavailable, unclear.
    """

    def __init__(self, message: str, code: str = "malformed") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class MissingArgumentError(UserError):
    """A command was written without one of its arguments."""


class TextError(Exception):
    """A text of a runbook, or a template, cannot be rendered. The message says why, ``line`` where in it (0:
    not known); ``name`` is the value that it names and that there is none of, empty for other reasons.
    """

    def __init__(self, message: str, *, line: int = 0, name: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.name = name


class SettingsError(Exception):
    """A settings or runbook file cannot be used. Its message, and each of its ``mistakes``, names the file,
    the line where known, and the fix.
    """

    def __init__(self, message: str, mistakes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.mistakes = mistakes or (message,)
