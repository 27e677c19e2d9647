"""The server in a process of its own, so that its memory and its core are its own.

`python -m benchmarks.child HOME` prints its URL and serves until its input ends.
"""

import sys
from pathlib import Path

from orchestration.settings import Settings
from tests.browser.served import served

if __name__ == "__main__":
    home = Path(sys.argv[1])
    with served(Settings(home=home, _env_file=None)) as url:  # type: ignore[call-arg]
        print(url, flush=True)
        sys.stdin.read()
