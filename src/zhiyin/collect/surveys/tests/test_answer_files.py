"""Files of customers are shown to whom they belong, and forgotten with her."""

from __future__ import annotations

from pathlib import Path

from zhiyin.collect import erasing
from zhiyin.collect.surveys import answer_files
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.rights import Id

PDF = b"%PDF-1.7\n"


def test_an_erasure_removes_hers_and_no_other(tmp_path: Path) -> None:
    ana, ben = ("r1", ANONYMOUS), ("c7", "customer")
    names = [answer_files.keep(tmp_path, "main", one, PDF) for one in (ana, ben)]
    other = answer_files.keep(tmp_path, "other", ana, PDF)
    her = Her("main", tmp_path, (Id(ANONYMOUS, "r1"), Id("mail", "x")))
    assert erasing.show_answer_files(her) == [{"file": names[0]}]
    assert erasing.erase_answer_files(her) == 1
    assert erasing.erase_answer_files(her) == 0
    assert answer_files.path_of(tmp_path, "main", names[0]) is None
    assert answer_files.path_of(tmp_path, "main", names[1]) is not None
    assert answer_files.path_of(tmp_path, "other", other) is not None
    assert answer_files.path_of(tmp_path, "main", "../../secret-key") is None
