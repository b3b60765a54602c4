"""A template of NiFi 1.x, as far as the client needs to know it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from nifi_rest import NiFiError

#: What Java's trim() strips.
UP_TO_BLANK = "".join(map(chr, range(33)))


@dataclass(frozen=True)
class Template:
    """What the client needs to know of a template file."""

    path: Path
    name: str
    group: str
    hash: str
    source_file: str
    variables: Mapping[str, str] = field(default_factory=dict)
    #: The spellings of each column's header that NiFi's reader knows, and whether it strips blanks from their ends first.
    columns: tuple[tuple[str, ...], ...] = ()
    trims: bool = True
    delimiter: str = ","
    quote: str = '"'

    @classmethod
    def read(cls, path: str | Path) -> Template:
        """Reads a template made by `netflix nifi-template`: one group, whose comments carry the template's hash."""
        path = Path(path)
        try:
            root = ElementTree.parse(path).getroot()
        except FileNotFoundError:
            raise NiFiError(f"{path}: there is no such template; `netflix nifi-template` makes it", 66) from None
        except OSError as error:
            raise NiFiError(f"{path}: {error.strerror}", 66) from None
        except ElementTree.ParseError as error:
            raise NiFiError(f"{path}: not XML: {error}", 65) from None
        group = root.find("snippet/processGroups")
        properties = {entry.findtext("key"): entry.findtext("value") for entry in root.iter("entry")}
        file_filter = properties.get("File Filter")
        if group is None or not file_filter:
            raise NiFiError(f"{path}: not a template of one group that reads a file by GetFile", 65)
        template_hash = hash_in(group.findtext("comments"))
        if not template_hash:
            raise NiFiError(f"{path}: the group's comments carry no hash; make the template by `netflix nifi-template`", 65)
        return cls(
            path=path,
            name=root.findtext("name") or "",
            group=group.findtext("name") or "",
            hash=template_hash,
            source_file=re.sub(r"\\(.)", r"\1", file_filter),
            variables={e.findtext("key") or "": e.findtext("value") or "" for e in group.iterfind("variables/entry")},
            columns=spellings(properties.get("schema-text") or "{}"),
            trims=properties.get("Trim Fields") != "false",
            delimiter=(properties.get("Value Separator") or ",").replace("\\t", "\t"),
            quote=properties.get("Quote Character") or '"',
        )

    def rows(self, file: str | Path) -> int:
        """How many records NiFi's CSVReader will find in a file: its rows but the header and the blank ones.

        No rows are an error, and a column that the reader will not find: it would be null in all messages."""
        csv.field_size_limit(2**31 - 1)
        try:
            with open(file, encoding="utf-8-sig", errors="replace", newline="") as lines:
                rows = filter(None, csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote))
                header = next(rows, None)
                found = sum(1 for _ in rows)
        except OSError as error:
            raise NiFiError(f"{file}: {'there is no such file' if isinstance(error, FileNotFoundError) else error.strerror}", 66) from None
        except csv.Error as error:
            raise NiFiError(f"{file}: not a CSV: {error}", 65) from None
        if not found:
            raise NiFiError(f"{file}: no rows: there is {'nothing below the header' if header else 'nothing in it'}", 65)
        names = {name.strip(UP_TO_BLANK) if self.trims else name for name in header or ()}
        if missing := next((spellings for spellings in self.columns if names.isdisjoint(spellings)), None):
            raise NiFiError(f'{file}: NiFi does not find the column "{missing[0]}": the header must spell it so', 65)
        return found

    def renamed(self, name: str) -> bytes:
        """The template's XML under another name; its group keeps its own."""
        root = ElementTree.parse(self.path).getroot()
        element = root.find("name")
        if element is None:
            element = ElementTree.SubElement(root, "name")
        element.text = name
        return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def spellings(schema: str) -> tuple[tuple[str, ...], ...]:
    """The names by which a reader of this Avro schema finds each column, none for a schema of another kind."""
    try:
        return tuple((*f.get("aliases", ()), f["name"]) for f in json.loads(schema)["fields"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()


def hash_in(comments: str | None) -> str | None:
    """The template's hash in a group's comments."""
    found = re.search(r"\btemplate ([0-9a-f]{16,64})\b", comments or "")
    return found[1] if found else None
