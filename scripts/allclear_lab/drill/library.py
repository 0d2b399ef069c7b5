"""Where runbooks and drill scripts are found: a team's own in its repository, then the shipped ones."""

from __future__ import annotations

import shutil
from difflib import get_close_matches
from pathlib import Path

from allclear.adapters.files.runbooks import read_runbook
from allclear_lab.drill.made_script import made_script
from allclear_lab.drill.outline import ScriptError
from allclear_lab.drill.script import TimedScript, read_script

DEFAULT = "hotdash"
OWN = Path(".github/allclear")
"""Where a team keeps its ``runbooks`` and ``drills``."""


class DrillLibrary:
    """The runbooks and scripts that a drill in ``repository`` can use.

    ``templates``: the shipped ones. ``folder``, an empty one, becomes the templates that are played with.
    """

    def __init__(self, templates: Path, repository: Path, folder: Path) -> None:
        self._scripts = (repository / OWN / "drills", repository / "templates/drills", templates / "drills")
        self._repository = repository
        self.templates = folder / "templates"
        shutil.copytree(templates, self.templates)
        for own in (repository / "templates/runbooks", repository / OWN / "runbooks"):
            if own.is_dir():
                for file in sorted(own.glob("*.yml")):
                    shutil.copy(file, self.templates / "runbooks" / file.name)

    @property
    def runbooks(self) -> tuple[str, ...]:
        """The names of the runbooks that there are."""
        return tuple(sorted(file.stem for file in (self.templates / "runbooks").glob("*.yml")))

    def script(self, path: Path | None, runbook: str) -> TimedScript:
        """The script at ``path``; without one the script of the runbook, made from it where there is none.

        Raises ScriptError, SettingsError for a runbook with mistakes, OSError, UnicodeDecodeError.
        """
        if runbook and runbook not in self.runbooks:
            near = get_close_matches(runbook, self.runbooks, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(self.runbooks)}."
            raise ScriptError([f"There is no runbook `{runbook}`; {hint}"])
        name = f"{runbook or DEFAULT}.yml"
        found = path or next((file for one in self._scripts if (file := one / name).is_file()), None)
        if found is not None:
            return read_script(found.read_text(encoding="utf-8-sig"), self._shown(found))
        made = made_script(read_runbook(self.templates.parent, runbook))
        return read_script(made, f"the script made from the runbook {runbook}")

    def _shown(self, path: Path) -> str:
        """The path as people would type it in the repository."""
        whole, here = path.resolve(), self._repository.resolve()
        return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(path)
