"""Footage of our own making with exact truth: `render` writes the files of one scene."""

from simulator.scenes.rendering import KINDS, render
from simulator.scenes.truth import SceneTruth

__all__ = ["KINDS", "SceneTruth", "render"]
