"""Fails when a link within the book leads nowhere: the folder of its pages."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

BOOK = Path(sys.argv[1]).resolve()


class Page(HTMLParser):
    """The targets that a page has, and the links in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list) -> None:
        for name, value in attributes:
            if name == "id":
                self.ids.add(value)
            elif value and name in ("href", "src"):
                self.links.append(value)


pages = {path: Page(path) for path in BOOK.rglob("*.html")}
dead = []
count = 0
for path, page in pages.items():
    # These two are written for another place, or out of all others.
    if path.name in ("404.html", "print.html", "toc.html"):
        continue
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        count += 1
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        fragment = unquote(parts.fragment)
        if not target.exists() or (fragment and target in pages and fragment not in pages[target].ids):
            dead.append(f"{path.relative_to(BOOK)}: {link}")
print(f"{len(pages)} pages, {count} links within the book, {len(dead)} dead")
sys.exit("\n".join(dead) if dead else 0)
