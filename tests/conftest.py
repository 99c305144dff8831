"""Puts this folder on the path, so that tests in any room may import the toy city by its bare name too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
