"""Compares the files of a footage disk with its index, and says of each difference whether it can be explained."""

from ingest.footage.check.disk_check import DiskCheck
from ingest.footage.check.findings import Finding, Kind, Report

__all__ = ["DiskCheck", "Finding", "Kind", "Report"]
