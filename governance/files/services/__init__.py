"""The only writers of files: photos, documents, films and voice notes."""

from governance.files.services.stored import (
    DRAFT_LIFE,
    file_delete,
    file_store,
    files_adopt,
    files_expire,
    files_keep,
    image_cover,
    image_store,
)

__all__ = [
    "DRAFT_LIFE",
    "file_delete",
    "file_store",
    "files_adopt",
    "files_expire",
    "files_keep",
    "image_cover",
    "image_store",
]
