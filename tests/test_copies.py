"""What stands in the documents twice is one answer, counts once, and names every place.

The row C17 of the reliability bar: exact copies, other encodings, near copies, other characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from embeddings.encoder import Vectors
from embeddings.fold import fold_text
from rag.__main__ import print_answer
from rag.types import Answer
from tests.fake_encoder import HashingEncoder
from tests.fake_folder import build, name_place, open_answerer, read_content, write_texts

REPORT = (
    "The harbor of Linhe opened for ferries on May 18, 2021, and 400 guests came to see it. "
    "A choir sang on the pier, and the mayor cut a blue ribbon in the rain. "
    "The first ferry left at noon for the islands, and came back with fish and salt.\n"
)
REPORT_ZH = (
    "临河港于2021年5月18日开放，四百名客人前来参观。合唱团在码头上演唱，市长在雨中剪彩。"
    "第一班渡轮中午开往群岛，带回了鱼和盐，码头上的孩子们一直等到天黑才回家。\n"
)
TRADITIONAL = (
    "臨河港於2021年5月18日開放，四百名客人前來參觀。合唱團在碼頭上演唱，市長在雨中剪綵。"
    "第一班渡輪中午開往群島，帶回了魚和鹽，碼頭上的孩子們一直等到天黑才回家。\n"
)
OTHER = "Tea is sold by the river on every day of the week but Monday.\n"
WHEN, WHEN_ZH = "When did the harbor of Linhe open for ferries?", "临河港什么时候开放？"
NEAR = REPORT.replace("guests came to see it", "guests had come to see it")  # 95 % the same
LONGER = f"Reported by Ann Reed. {REPORT}"


class FoldingEncoder(HashingEncoder):
    """Takes traditional characters for simplified ones, as the bundled encoder does."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return super().encode_passages([fold_text(text) for text in texts])


ENCODER = FoldingEncoder()


def ask(root: Path, texts: Mapping[str, str | bytes], question: str = WHEN) -> Answer:
    """Index the documents and a little more, and ask."""
    folder = write_texts(root / "documents", {"tea.txt": OTHER})
    for name, text in texts.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    build(folder, root / "index", encoder=ENCODER)
    with closing((answerer := open_answerer(root / "index", encoder=ENCODER)).index):
        return answerer(question)


def list_places(answer: Answer) -> set[tuple[str, ...]]:
    """The source of each citation with those of its copies."""
    return {(citation.source, *citation.copies) for citation in answer.citations}


def test_an_exact_copy_takes_no_place_and_is_named(tmp_path: Path) -> None:
    alone = ask(tmp_path / "alone", {"b.txt": REPORT})
    twice = ask(tmp_path / "twice", {"b.txt": REPORT, "c/d.txt": REPORT, "a.txt": REPORT})

    assert list_places(alone) == {("b.txt",)}
    assert list_places(twice) == {("a.txt", "b.txt", "c/d.txt")}
    assert len(twice.hits) == len(alone.hits) == 2
    assert twice.probability == pytest.approx(alone.probability, abs=0.02)  # by its heading
    assert [s.text for s in twice.statements] == [s.text for s in alone.statements]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16", "big5"])
def test_the_same_text_in_another_encoding_is_a_copy(tmp_path: Path, encoding: str) -> None:
    text = TRADITIONAL if encoding == "big5" else REPORT_ZH
    texts = {"a.txt": text.encode(), "b.txt": text.encode(encoding)}

    answer = ask(tmp_path, texts, WHEN_ZH)

    content = read_content(tmp_path / "index" / "index.db")
    assert len(content["contents"]) == 2  # with the tea
    assert list_places(answer) == {("a.txt", "b.txt")}


def test_a_near_copy_takes_no_place_and_is_named(tmp_path: Path) -> None:
    alone = ask(tmp_path / "alone", {"a.txt": REPORT})
    both = ask(tmp_path / "both", {"a.txt": REPORT, "b.txt": NEAR})

    assert list_places(both) <= {("a.txt", "b.txt"), ("b.txt", "a.txt")}
    assert len(both.hits) == len(alone.hits)
    assert both.probability == pytest.approx(alone.probability, abs=0.02)


def test_near_copies_of_which_there_are_copies_are_all_named(tmp_path: Path) -> None:
    texts = {"a.txt": REPORT, "b.txt": NEAR, "c.txt": NEAR, "d.txt": REPORT, "e.txt": LONGER}

    answer = ask(tmp_path, texts)

    (places,) = list_places(answer)
    assert sorted(places) == ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]
    assert {copy for hit in answer.hits for copy in hit.copies} <= set(places)


def test_a_copy_in_traditional_characters_takes_no_place_and_is_named(tmp_path: Path) -> None:
    answer = ask(tmp_path, {"a.txt": REPORT_ZH, "b.txt": TRADITIONAL}, WHEN_ZH)

    (places,) = list_places(answer)
    assert sorted(places) == ["a.txt", "b.txt"]
    assert len([hit for hit in answer.hits if hit.language == "zh"]) == 1


def test_a_copy_with_another_figure_is_no_copy(tmp_path: Path) -> None:
    answer = ask(tmp_path, {"a.txt": REPORT, "b.txt": REPORT.replace("May 18", "May 19")})

    assert {hit.passage.document_id for hit in answer.hits} == {"a.txt", "b.txt", "tea.txt"}
    assert all(citation.copies == () for citation in answer.citations)


def test_a_hundred_copies_of_one_report_leave_room_for_others(tmp_path: Path) -> None:
    """Of near copies, up to twice as many as passages are wanted (`SPARE`); then they crowd."""
    copies = {f"copy{n}.txt": f"Site {name_place(4 * n)} reports. {REPORT}" for n in range(30)}
    copies |= {f"same{n}.txt": REPORT for n in range(70)}
    other = {"ferry.txt": "Ferries leave the harbor of Linhe for the islands at noon.\n"}

    answer = ask(tmp_path, copies | other)

    found = {hit.passage.document_id for hit in answer.hits}
    assert {"ferry.txt", "tea.txt"} <= found
    assert len(found & copies.keys()) == 1


def test_a_source_is_not_named_as_its_own_copy(tmp_path: Path) -> None:
    """Two records of one file said the same, and it was "also in" itself."""
    record = f'{{"text": "{REPORT.strip()}"}}\n'

    answer = ask(tmp_path, {"news.jsonl": record * 2, "b.txt": REPORT})

    for citation in answer.citations:
        assert citation.source not in citation.copies
        assert len(set(citation.copies)) == len(citation.copies)


def test_of_copies_the_first_by_name_is_cited_and_when_it_goes_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    ask(tmp_path, {"a.txt": REPORT, "b.txt": REPORT, "c.txt": REPORT})
    answerer = open_answerer(tmp_path / "index")
    cited = []
    with closing(answerer.index):
        for name in ("a.txt", "b.txt", "c.txt"):
            cited.append(list_places(answerer(WHEN)))
            (folder / name).unlink()
            build(folder, tmp_path / "index")
        after = answerer(WHEN)

    assert cited == [{("a.txt", "b.txt", "c.txt")}, {("b.txt", "c.txt")}, {("c.txt",)}]
    assert "2021" not in after.text


def test_when_the_first_copy_goes_nothing_of_its_name_stays(tmp_path: Path) -> None:
    """The heading of a passage begins with the title of its document."""
    texts = {"an old name.txt": REPORT, "bridge.txt": REPORT}
    first = ask(tmp_path, texts)
    (tmp_path / "documents" / "an old name.txt").unlink()

    build(tmp_path / "documents", tmp_path / "index")

    content = read_content(tmp_path / "index" / "index.db")
    assert {c.passage.heading for c in first.citations} == {"an old name"}
    assert [p.heading for p, _, _ in content["passages"].values()] == ["bridge", "tea"]


def test_a_copy_that_is_changed_is_a_document_of_its_own(tmp_path: Path) -> None:
    ask(tmp_path, {"a.txt": REPORT, "b.txt": REPORT})
    new = REPORT.replace("May 18, 2021", "June 1, 2022")

    answer = ask(tmp_path, {"a.txt": REPORT, "b.txt": new})

    content = read_content(tmp_path / "index" / "index.db")
    assert content["documents"]["a.txt"].text == REPORT
    assert content["documents"]["b.txt"].text == new
    assert {hit.passage.document_id for hit in answer.hits} == {"a.txt", "b.txt", "tea.txt"}


def test_copies_are_printed_below_their_citation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_answer(ask(tmp_path, {"a.txt": REPORT, "b.txt": REPORT, "c.txt": NEAR}))

    lines = capsys.readouterr().out.splitlines()
    (place,) = [n for n, line in enumerate(lines) if line.startswith("[1] ")]
    source = lines[place].rpartition("(")[2].rstrip(")").split(",")[0]
    assert lines[place + 1].startswith("    ")
    rest = lines[place + 1].rpartition(": ")[2].split(", ")
    assert sorted([source, *rest]) == ["a.txt", "b.txt", "c.txt"]
