"""What has come to a drop folder elsewhere and is not here yet: complete nights alone.

Only listing. Bringing them here is receiving.py's, and a refresh's to ask for.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256

from orchestration.extracts.arrivals import as_copied, lacks, waits_for
from orchestration.extracts.contract import ExtractContract
from orchestration.inbox.listing import LocalStorage, list_sets
from orchestration.inbox.storage import connected, patiently
from orchestration.settings import Settings


def coming(
    settings: Settings, contracts: Mapping[str, Sequence[ExtractContract]]
) -> list[str]:
    """A fingerprint of each complete set that differs from what was taken of it.

    It differs as soon as any of the set's files is another one, or grows.

    Args:
        settings: with a drop folder elsewhere.
        contracts: by source system.

    Raises:
        StorageError: it cannot be reached or read.
    """
    found = []
    inbox = LocalStorage(settings.drop_folder)
    with connected(settings) as storage:
        for system, tables in contracts.items():
            copies = list_sets(inbox, system)
            for arrived in patiently(partial(list_sets, storage, system)):
                copied = as_copied(arrived, tables)
                if copied in copies or lacks(arrived, tables):
                    continue
                if not waits_for(arrived, tables, is_still=True):
                    found.append(sha256(repr(copied).encode()).hexdigest()[:16])
    return found
