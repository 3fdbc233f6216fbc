"""The recorder: cameras in, footage and tap out. It decodes nothing and waits for nobody."""

from ingest.recorder.process import run_recorder

__all__ = ["run_recorder"]
