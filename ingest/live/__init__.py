"""The media server: live pictures from the tap and clips from the disks, for browsers."""

from foundation.settings import Settings

__all__ = ["run_live"]


def run_live(settings: Settings) -> None:
    """The process *live*, until SIGTERM or SIGINT."""
    # Whoever gives leave or takes it back imports from here as well, and carries no web server for it.
    from ingest.live.process import run_live as run

    run(settings)
