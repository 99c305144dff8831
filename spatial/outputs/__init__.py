"""The output folder of a run: whole or not there, one run at a time, and its provenance."""

from spatial.outputs.folder import PROVENANCE, check_finished, fingerprints, output_folder, write_provenance
from spatial.outputs.provenance import provenance

__all__ = [
    "PROVENANCE",
    "check_finished",
    "fingerprints",
    "output_folder",
    "provenance",
    "write_provenance",
]
