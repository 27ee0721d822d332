"""Who may see what. Every query takes a Viewer, even while there are no accounts and everybody is a supervisor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class NotAllowed(PermissionError):
    """The viewer asked for what lies outside his rights."""


@dataclass(frozen=True)
class Viewer:
    """A reader and his rights.

    provinces: the province codes he may see, None = all. sees_platforms: whether cells that name a platform may be
    shown (统计法实施条例 art. 29(3): such a cell can identify one respondent, so only supervisory roles see it).
    sees_sources: whether he may read lines of the files as they were sent (auditors; every reading is logged).
    """

    name: str
    role: str
    provinces: frozenset[str] | None = None
    sees_platforms: bool = True
    sees_sources: bool = False

    def allowed_provinces(self, wanted: Iterable[str] = ()) -> tuple[str, ...] | None:
        """The provinces a query may read: None = all. NotAllowed where nothing that is wanted may be seen."""
        chosen = frozenset(wanted)
        if self.provinces is None:
            return tuple(sorted(chosen)) or None
        seen = (chosen & self.provinces) if chosen else self.provinces
        if not seen:
            raise NotAllowed(f"{self.name} may not see {', '.join(sorted(chosen)) or 'any province'}")
        return tuple(sorted(seen))

    def check_platforms(self, by: Iterable[str], platforms: Iterable[str]) -> None:
        """NotAllowed where a question names platforms and the viewer may not see them named."""
        if not self.sees_platforms and ("platform" in set(by) or any(platforms)):
            raise NotAllowed(f"{self.name} may not see figures of single platforms")


SUPERVISOR = Viewer("supervisor", "supervisor", sees_sources=True)


def current_viewer() -> Viewer:
    """The viewer of the running request. Until there are accounts: a supervisor of the whole country."""
    return SUPERVISOR
