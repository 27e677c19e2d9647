"""`wardline refresh` in a process of its own that keeps when it said what.

`python -m benchmarks.heard FILE refresh ...` is `wardline refresh ...`, and writes into
FILE, as JSON, its start and each thing said, with seconds since the epoch.
"""

import json
import sys
from pathlib import Path
from time import time

import psutil

from orchestration import cli, progress

if __name__ == "__main__":
    file = Path(sys.argv.pop(1))
    notes = [(psutil.Process().create_time(), "")]
    try:
        with progress.heard_by(lambda what: notes.append((time(), what))):
            cli.main()
    finally:
        file.write_text(json.dumps(notes))
