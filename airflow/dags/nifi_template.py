"""A template of NiFi 1.x, as far as the client needs to know it."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from nifi_rest import NiFiError


@dataclass(frozen=True)
class Template:
    """What the client needs to know of a template file."""

    path: Path
    name: str
    group: str
    hash: str
    source_file: str
    delimiter: str = ","
    quote: str = '"'

    @classmethod
    def read(cls, path: str | Path) -> Template:
        """Reads a template made by `netflix nifi-template`: one group, whose comments carry the template's hash."""
        path = Path(path)
        try:
            root = ElementTree.parse(path).getroot()
        except FileNotFoundError:
            raise NiFiError(f"{path}: there is no such template; `netflix nifi-template` makes it") from None
        except ElementTree.ParseError as error:
            raise NiFiError(f"{path}: not XML: {error}") from None
        group = root.find("snippet/processGroups")
        properties = {entry.findtext("key"): entry.findtext("value") for entry in root.iter("entry")}
        file_filter = properties.get("File Filter")
        if group is None or not file_filter:
            raise NiFiError(f"{path}: not a template of one group that reads a file by GetFile")
        template_hash = hash_in(group.findtext("comments"))
        if not template_hash:
            raise NiFiError(f"{path}: the group's comments carry no hash; make the template by `netflix nifi-template`")
        return cls(
            path=path,
            name=root.findtext("name") or "",
            group=group.findtext("name") or "",
            hash=template_hash,
            source_file=re.sub(r"\\(.)", r"\1", file_filter),
            delimiter=(properties.get("Value Separator") or ",").replace("\\t", "\t"),
            quote=properties.get("Quote Character") or '"',
        )

    def rows(self, file: str | Path) -> int:
        """How many records NiFi's CSVReader will find in a file: its rows but the header and the blank ones."""
        with open(file, encoding="utf-8-sig", errors="replace", newline="") as lines:
            found = sum(1 for row in csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote) if row)
        return max(found - 1, 0)


def hash_in(comments: str | None) -> str | None:
    """The template's hash in a group's comments."""
    found = re.search(r"\btemplate ([0-9a-f]{16,64})\b", comments or "")
    return found[1] if found else None
