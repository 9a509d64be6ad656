"""How this process gets into a Milvus: told once, before any is opened, by what starts it."""

from index.settings import MilvusAccess

_told = MilvusAccess()


def get_in_by(access: MilvusAccess) -> None:
    """Use this for every Milvus that is opened from now on."""
    global _told
    _told = access


def told_access() -> MilvusAccess:
    """What was told last; nothing was if the Milvus asks for nothing."""
    return _told
