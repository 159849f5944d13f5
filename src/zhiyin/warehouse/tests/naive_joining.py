"""The rules of who is one, written again the plain way: sets, and no cleverness."""

from __future__ import annotations

from dataclasses import dataclass, field

RANK = {"person": 0, "import": 1, "rule": 2, "intake": 3}


@dataclass
class Said:
    """One reason."""

    a: str
    b: str
    action: str
    by: str
    reason: str


@dataclass
class Model:
    """Every reason in the order in which it arrived."""

    limit: int
    said: list[Said] = field(default_factory=list)

    def groups(self, ids: list[str]) -> set[frozenset[str]]:
        """Who is one with whom; ids that begin with ``~`` are devices."""
        links, cuts = self._standing()
        together = [{one} for one in ids]
        alone = [{one} for one in ids]

        def group(of: list[set[str]], one: str) -> set[str]:
            return next(found for found in of if one in found)

        def unite(of: list[set[str]], a: str, b: str) -> None:
            one, other = group(of, a), group(of, b)
            if one is not other:
                of.remove(other)
                one |= other

        for a, b, by in links:
            if by == "person":
                unite(together, a, b)
        for devices in (False, True):
            for a, b, by in links:
                is_device = a.startswith("~") or b.startswith("~")
                if by == "person" or is_device != devices:
                    continue
                one, other = group(together, a), group(together, b)
                own = group(alone, a) | group(alone, b)
                if not is_device and by == "intake":
                    continue
                if is_device and one is not other and known(one) and known(other):
                    continue
                is_new = group(alone, a) is not group(alone, b)
                if not is_device and is_new and len(known(own)) > self.limit:
                    continue
                if any(one is not other and {x, y} <= one | other and len({x, y} & one) == 1
                       for x, y in cuts):  # fmt: skip
                    continue
                unite(together, a, b)
                unite(alone, a, b)
        return {frozenset(found) for found in together}

    def _standing(self) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
        words: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
        first: dict[tuple[str, ...], int] = {}
        for place, said in enumerate(self.said):
            pair = (min(said.a, said.b), max(said.a, said.b))
            which = (said.by, said.reason if said.by == "rule" else "")
            words.setdefault(pair, {})[which] = said.action
            if said.action == "link":
                first.setdefault((*pair, *which), place)
        links, cuts = [], []
        for pair, said_of in words.items():
            cut = min((RANK[w[0]] for w, act in said_of.items()
                       if act == "unlink" and RANK[w[0]] < 2), default=9)  # fmt: skip
            standing = [w for w, act in said_of.items() if act == "link" and RANK[w[0]] < cut]
            if standing:
                at = min(first[(*pair, *w)] for w in said_of if (*pair, *w) in first)
                links.append((at, *pair, min(standing, key=lambda w: RANK[w[0]])[0]))
            elif cut == 0:
                cuts.append(pair)
        return [(a, b, by) for _at, a, b, by in sorted(links)], cuts


def known(ids: set[str]) -> set[str]:
    """Those that are no devices."""
    return {one for one in ids if not one.startswith("~")}
