"""Front matter is read safely, and whatever is wrong with it, the body is found."""

import time

import pytest

from rag.files.front_matter import MAX_CHARS, split_front_matter


def test_a_block_whose_only_value_is_refused_is_front_matter_all_the_same() -> None:
    """A page with `title: !!python/object` had that line for its title."""
    text = "---\ntitle: !!python/object:os.system x\n---\n# Tea\n"

    fields, body_start, warning = split_front_matter(text)

    assert (fields, text[body_start:]) == ({}, "# Tea\n")
    assert warning is not None


def test_fields_and_body_are_split_at_the_closing_line() -> None:
    text = "---\ntitle: 小米\ntags: [a, b]\n---\n正文"

    fields, start, warning = split_front_matter(text)

    assert fields == {"title": "小米", "tags": ["a", "b"]}
    assert text[start:] == "正文"
    assert warning is None


def test_windows_line_ends_are_understood() -> None:
    text = "---\r\ntitle: x\r\n---\r\nbody\r\n"

    fields, start, warning = split_front_matter(text)

    assert (fields, text[start:], warning) == ({"title": "x"}, "body\r\n", None)


def test_dates_stay_text_so_that_an_impossible_one_costs_only_itself() -> None:
    fields, _, warning = split_front_matter("---\ntitle: x\ndate: 2024-02-30\n---\n")

    assert fields == {"title": "x", "date": "2024-02-30"}
    assert warning is None


def test_a_colon_in_an_unquoted_title_costs_a_warning_only() -> None:
    text = "---\ntitle: Xiaomi: the story\ndate: '2024-05-01'\n---\nbody"

    fields, start, warning = split_front_matter(text)

    assert fields == {"title": "Xiaomi: the story", "date": "2024-05-01"}
    assert text[start:] == "body"
    assert warning is not None
    assert "line 2" in warning


@pytest.mark.parametrize(
    "block",
    [
        pytest.param('a: !!python/object/apply:os.system ["true"]\ntitle: x', id="python tag"),
        pytest.param(
            "title: x\na0: &a0 [y, y]\n"
            + "\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 30)),
            id="alias bomb",
        ),
        pytest.param("title: x\nb: " + "[" * 10_000, id="deep nesting"),
        pytest.param("title: x\nb: 1" + "0" * 5_000, id="huge number"),
        pytest.param("title: x\n? [k]\n: v", id="list as key"),
    ],
)
def test_hostile_yaml_leaves_the_body_and_the_plain_pairs(block: str) -> None:
    text = f"---\n{block}\n---\nbody"
    began = time.perf_counter()

    fields, start, warning = split_front_matter(text)

    assert time.perf_counter() - began < 10  # under one second on a free core
    assert fields["title"] == "x"
    assert not any(isinstance(value, list) for value in fields.values())
    assert text[start:] == "body"
    assert warning is not None


@pytest.mark.parametrize("end", ["", "\nx" * MAX_CHARS + "\n---\n"])
def test_a_block_without_an_end_is_body_with_a_warning(end: str) -> None:
    fields, start, warning = split_front_matter("---\ntitle: x" + end)

    assert (fields, start) == ({}, 0)
    assert warning is not None
    assert "closing line" in warning


@pytest.mark.parametrize(
    "text",
    [
        "",
        "title: x",
        "text\n---\na: b\n---\n",
        "---\nOnly a rule above.\n---\nx",
        "---\n- a\n---\n",
    ],
)
def test_text_between_rules_is_no_front_matter(text: str) -> None:
    assert split_front_matter(text) == ({}, 0, None)
