from __future__ import annotations

import pytest

from allclear_lab.drill.markup import to_html
from allclear_lab.drill.player import SERVER
from allclear_lab.drill.transcript import address


def html(text: str, *, trusted: bool = False, comment: bool = True, diagram: str = "") -> str:
    return to_html(
        text,
        address=lambda to: address(to, frozenset({5})),
        trusted=trusted,
        comment=comment,
        diagram=diagram,
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "hi <img src=https://evil.example/x.png onerror=alert(1)> there",
        "<details open ontoggle=alert(1)>x</details>",
        "<style>body{display:none}</style>",
        "</div></main><h1>gone</h1>",
        "<b>not even this</b>",
    ],
)
def test_tags_that_people_write_are_shown_as_text(text: str) -> None:
    shown = html(text)
    for tag in ("<script", "<img", "<details", "<style", "</div", "<h1", "<b>"):
        assert tag not in shown
    assert "&lt;" in shown


def test_the_engine_may_fold_things_away_but_only_when_it_unfolds_them() -> None:
    folded = "<details><summary>Where</summary>\n\ntext\n\n</details>"
    assert "<details><summary>Where</summary>" in html(folded, trusted=True)
    assert "<details>" not in html("<details><summary>Where</summary>\n\ntext", trusted=True)
    assert "<details onclick" not in html("<details onclick=x>a</details>", trusted=True)


def test_comments_are_hidden() -> None:
    assert "secret" not in html("<!-- secret -->\nshown")
    assert html("one <!-- secret --> two") == "<p>one  two</p>\n"


def test_pictures_become_words() -> None:
    assert html("![a chart](https://evil.example/x.png)") == '<p><span class="picture">a chart</span></p>\n'
    assert '<span class="picture">picture</span>' in html("![](https://evil.example/x.png)")


def test_links_lead_to_the_place_on_the_page_outside_by_http_or_nowhere() -> None:
    issue = f"{SERVER}/acme/shop/issues/1"
    assert 'href="#c5"' in html(f"[here]({issue}#issuecomment-5)")
    assert 'class="dead"' in html(f"[gone]({issue}#issuecomment-6)")
    assert 'href="#top"' in html(f"see {issue}.")
    assert 'href="#pull"' in html(f"[it]({SERVER}/acme/shop/pull/2)")
    assert 'class="dead"' in html(f"[it]({SERVER}/acme)")
    assert 'class="dead"' in html("[it](ftp://x.example/a)")
    assert '<a href="https://x.example/?a=1&amp;b=2" rel="noreferrer noopener">' in html(
        "https://x.example/?a=1&b=2 is it"
    )
    assert "<a href" not in html("[x](javascript:alert(1))")


def test_mentions_stand_out_and_code_is_left_alone() -> None:
    assert '<span class="mention">@ann</span>' in html("ask @ann, not mail@ann.example")
    assert html("mail@ann.example").count("mention") == 0
    assert "<code>@ann</code>" in html("`@ann`")


def test_boxes_and_alerts_look_as_on_github() -> None:
    shown = html("- [x] done\n- [ ] open\n- plain\n")
    assert shown.count('class="task"') == 2
    assert 'aria-label="done"' in shown
    assert 'aria-label="open"' in shown
    assert '<blockquote class="alert caution">\n<p><strong class="head">Caution</strong>broken' in html(
        "> [!CAUTION]\n> broken"
    )
    assert 'class="head">Note</strong></p>' in html("> [!NOTE]")
    assert "alert" not in html("> just quoted")
    assert "alert" not in html("> - a list")
    assert "alert" not in html(">")


def test_line_breaks_count_in_comments_and_not_in_files() -> None:
    assert "<br" in html("one\ntwo")
    assert "<br" not in html("one\ntwo", comment=False)


def test_a_diagram_is_its_text_unless_something_stands_in_for_it() -> None:
    drawn = "```mermaid\ntimeline\n```"
    assert '<pre data-kind="mermaid"><code>timeline\n</code></pre>' in html(drawn)
    assert html(drawn, diagram="<p>above</p>") == "<p>above</p>"
    assert '<pre data-kind=""><code>&lt;b&gt;\n</code></pre>' in html("```\n<b>\n```")


def test_headings_of_a_comment_stand_below_the_pages_own() -> None:
    assert html("# a\n\n###### b") == "<h3>a</h3>\n<h6>b</h6>\n"
