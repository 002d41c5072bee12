"""The pictures of a post, its cover and the first of its text; and that of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blog.picture_names import WHERE, name_in, size_in_name, smallest

if TYPE_CHECKING:
    from blog.models.post import Post
    from blog.models.user import User


class Pictured:
    """The size of a picture of ours stands in its name."""

    @property
    def cover_size(self: Post) -> tuple[int, int]:  # type: ignore[misc]
        return size_in_name(self.cover) or (0, 0)

    @property
    def picture_size(self: Post) -> tuple[int, int]:  # type: ignore[misc]
        return size_in_name(self.picture) or (0, 0)

    @property
    def face(self: Post) -> tuple[str, str, tuple[int, int]]:  # type: ignore[misc]
        """The picture that stands for it in a list, its cover or the first of its text: address, words, size."""
        if self.cover:
            return self.cover, self.cover_alt, self.cover_size
        return self.picture, self.picture_alt, self.picture_size


class Portrayed:
    """A person shows one square picture of ours, or none."""

    @property
    def portrait(self: User) -> str:  # type: ignore[misc]
        """The address of its smallest version; empty where there is none."""
        name = name_in(self.picture)
        return WHERE + smallest(name) if name else ""
