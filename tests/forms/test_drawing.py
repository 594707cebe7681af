import pytest

from forms.filling import (
    ENVIRONMENT,
    REQUIRED,
    SAMPLES,
    SEEN,
    choice,
    draw,
    errors,
    form,
    hidden_when,
    listed,
    number,
    post,
    text,
)
from komp_flow import forms
from komp_flow.errors import FieldError
from komp_flow.forms import markdown


def sample():
    return forms.parse((SAMPLES / "everything.json").read_bytes())


def accessible(page, element):
    """The text that the ids of an attribute point at."""
    return " ".join(" ".join(page.get_element_by_id(each).text_content().split()) for each in element.split())


def test_every_input_has_a_label_of_its_own_and_every_reference_leads_somewhere():
    page = draw(sample(), {"enige": "nei"}, errors=told(sample()))
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    for element in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        (label,) = page.xpath("//label[@for=$id]", id=element.get("id"))
        assert label.text_content().strip()
    for name in ("aria-labelledby", "aria-describedby"):
        for element in page.xpath(f"//*[@{name}]"):
            assert accessible(page, element.get(name)), element.get("id")
    for link in page.xpath("//ds-error-summary//a"):
        assert page.get_element_by_id(link.get("href")[1:]) is not None


def told(made):
    return [FieldError(field, message) for field, message in errors(made, {}).items()]


def test_groups_of_boxes_and_lists_and_rows_are_fieldsets_with_legends():
    page = draw(sample(), {})
    names = [accessible(page, each.get("aria-labelledby")) for each in page.xpath("//fieldset[@aria-labelledby]")]
    assert names == [
        "Er dere enige?",
        "Hva har du lest?",
        "Periode",
        "Kritiske kompetanseområder",
        "Kritiske kompetanseområder Område 1",
        "Kilder",
    ]


def test_errors_stand_at_their_fields_and_in_a_summary_that_leads_there():
    made = form(text("navn", **REQUIRED), choice("enig", "ja", **REQUIRED), listed("rader", number("nivå", **REQUIRED)))
    answers = {"rader": [{}]}
    page = draw(made, answers, errors=[FieldError(*each) for each in errors(made, answers).items()])
    field = page.get_element_by_id("field-navn")
    assert field.get("aria-invalid") == "true"
    assert accessible(page, field.get("aria-describedby")) == "Fyll ut dette feltet."
    assert [(link.text, link.get("href")) for link in page.xpath("//ds-error-summary//a")] == [
        ("Navn: Fyll ut dette feltet.", "#field-navn"),
        ("Enig: Velg ett av alternativene.", "#field-enig-0"),
        ("Rad 1, Nivå: Fyll ut dette feltet.", "#field-rader-0-nivå"),
    ]
    assert page.xpath("//ds-error-summary/h2")[0].text == "Du må rette 3 svar"
    assert page.xpath("//ds-error-summary")[0].get("tabindex") == "-1"
    assert [each.get("value") for each in page.xpath("//input[@name='_told']")] == ["navn", "enig", "rader-0-nivå"]


def test_errors_about_nothing_in_view_are_told_too():
    page = draw(form(text("a")), {}, errors=[FieldError("role", "Finnes ikke."), FieldError("", "For stort.")])
    assert [each.text_content() for each in page.xpath("//ds-error-summary//li")] == [
        "For stort.",
        "role: Finnes ikke.",
    ]


def test_optional_fields_are_marked_in_words_and_required_ones_for_machines():
    page = draw(form(text("a"), text("b", **REQUIRED)), {})
    assert page.xpath("string(//label[@for='field-a'])") == "A (valgfritt)"
    assert page.xpath("string(//label[@for='field-b'])") == "B"
    assert page.get_element_by_id("field-b").get("aria-required") == "true"
    assert "valgfritt" in page.xpath("string(//p[contains(@class, 'form-marking')])")
    assert not draw(form(text("b", **REQUIRED)), {}).xpath("//p[contains(@class, 'form-marking')]")


def test_a_field_whose_check_wants_an_answer_just_now_is_not_called_optional():
    check = {"check": '=utfall = "ja" or grunn != null'}
    made = form(choice("utfall", "ja", "nei"), text("grunn", properties=check))
    assert draw(made, {"utfall": "ja"}).xpath("string(//label[@for='field-grunn'])") == "Grunn (valgfritt)"
    assert draw(made, {"utfall": "nei", "grunn": "x"}).xpath("string(//label[@for='field-grunn'])") == "Grunn"
    listing = form(listed("rader", text("a"), text("b", properties={"check": "=row.a = null or row.b != null"})))
    page = draw(listing, {"rader": [{"a": "x", "b": "y"}, {"b": "y"}]})
    assert page.xpath("string(//label[@for='field-rader-0-b'])") == "B"
    assert page.xpath("string(//label[@for='field-rader-1-b'])") == "B (valgfritt)"


def test_what_people_wrote_is_never_markup():
    evil = "<script>alert(1)</script>\"'&"
    made = form(
        text("a", label=evil, description=evil),
        {"type": "textarea", "key": "b"},
        {"type": "text", "text": "=a"},
        {"type": "table", "dataSource": "=context.rows", "columns": [{"key": "x", "label": evil}]},
        choice("c", kind="select", valuesExpression="=context.rows"),
        listed("rader", text("d"), row_label=evil),
    )
    context = {"rows": [{"x": evil, "label": evil, "value": evil}]}
    page = draw(
        made, {"a": evil, "b": f"\n{evil}"}, context=context, errors=[FieldError("a", evil), FieldError(evil, evil)]
    )
    assert not page.xpath("//script")
    assert page.get_element_by_id("field-a").get("value") == evil
    assert page.get_element_by_id("field-b").text == f"\n\n{evil}"
    assert page.xpath("string(//td)") == evil


def test_buttons_and_hidden_fields_of_the_page():
    view = forms.view(form(text("a")), {}, **SEEN)
    drawn = str(
        forms.render(
            ENVIRONMENT, view, action_url='/t"', hidden={"csrf_token": "t&", "_version": "3"}, buttons=[forms.COMPLETE]
        )
    )
    assert 'action="/t&#34;"' in drawn
    assert 'name="csrf_token" value="t&amp;"' in drawn
    assert "Lagre utkast" not in drawn
    assert "hx-post" not in drawn


def test_enter_never_takes_a_row_away():
    page = draw(form(listed("rader", text("a"))), {})
    assert page.xpath("//button")[0].get("name") == "_save"


def test_only_forms_whose_looks_depend_on_answers_ask_the_server_at_every_change():
    assert draw(form(text("a")), {}).get("hx-post") is None
    page = draw(form(text("a"), text("b", **hidden_when("a = null"))), {})
    assert (page.get("hx-post"), page.get("hx-trigger")) == ("/t?part=fields", "change")
    assert page.get("hx-select") == page.get("hx-target") == "#form-fields"


def test_hidden_fields_are_not_drawn():
    made = form(text("a"), text("b", **hidden_when('a = "x"')))
    assert draw(made, {"a": "x"}).xpath("count(//input[@name='b'])") == 0
    assert draw(made, {"a": "y"}).xpath("count(//input[@name='b'])") == 1


def test_locked_fields_are_read_not_typed():
    made = form(choice("a", "x", readonly=True, defaultValue="x"), number("b", disabled=True, defaultValue=1500.5))
    page = draw(made, {})
    assert not page.xpath("//input[@name='a' or @name='b']")
    assert page.get_element_by_id("field-a").text == "X"
    assert page.get_element_by_id("field-b").text == "1500,5"


def test_a_new_row_gets_the_cursor():
    made = form(listed("rader", text("a"), text("b")))
    received = forms.receive(made, {"_add": "rader", "rader-0-a": "x"}, **SEEN)
    from lxml import html

    page = html.fromstring(str(forms.render(ENVIRONMENT, received.again, action_url="/")))
    assert [each.get("id") for each in page.xpath("//*[@autofocus]")] == ["field-rader-1-a"]


def test_a_full_list_says_why_it_has_no_button():
    page = draw(form(listed("rader", text("a"), max_rows="2")), {"rader": [{}, {}]})
    assert not page.xpath("//button[@name='_add']")
    assert "Her er det plass til 2." in page.text_content()


def test_tables_show_values_as_people_write_them():
    made = form(
        {
            "type": "table", "label": "Før", "dataSource": "=context.rows",
            "columnsExpression": '=[{key: "n", label: "Navn"}, {key: "v", label: "Beløp"}]',
        },
        {"type": "table", "dataSource": "=context.none", "columns": [{"key": "n", "label": "Navn"}]},
    )  # fmt: skip
    rows = [{"n": "2027-03-01", "v": 12000.5}, {"n": True, "v": None}, "ikke en rad"]
    page = draw(made, {}, context={"rows": rows})
    assert [[cell.text for cell in row] for row in page.xpath("(//table)[1]/tbody/tr")] == [
        ["01.03.2027", "12\u00a0000,5"],
        ["Ja", "–"],
    ]
    assert page.xpath("string((//table)[2]/tbody)").strip() == "Ingenting å vise ennå."


def test_computed_text_is_markdown_in_which_lines_stay_lines():
    made = form({"type": "text", "text": '="### Fra lederen\\n\\n" + context.comment'})
    page = draw(made, {}, context={"comment": "Se på <i>mål</i>.\nOg frister."})
    assert page.xpath("string(//h4)") == "Fra lederen"
    assert page.xpath("count(//p/br)") == 1
    assert "<i>mål</i>" in page.text_content()


def test_computed_text_is_shown_and_not_stored():
    made = form(number("a"), {"type": "text", "text": '="Dobbelt er " + string(a * 2)'})
    assert "Dobbelt er 42" in draw(made, {"a": 21}).text_content()
    assert forms.check(made, {"a": 21}, **SEEN) == {"a": 21}


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "<b>x</b>",
        "![x](http://e/p.png)",
        "[x](//e.com)",
        "[x](vbscript:x)",
    ],
)
def test_markdown_lets_nothing_dangerous_through(text):
    drawn = markdown.html(text)
    assert "href" not in drawn or 'href="http://e/p.png"' in drawn
    assert "<b>" not in drawn
    assert "<img" not in drawn


def test_markdown_has_links_lists_and_headings_below_the_pages_own():
    drawn = markdown.html("# A\n\n- b\n\n[c](https://d.no) [e](/f) [g](mailto:h@i.no)")
    assert '<h2 class="ds-heading" data-size="xs">A</h2>' in drawn
    assert 'href="https://d.no" class="ds-link" rel="noopener noreferrer"' in drawn
    assert 'href="/f"' in drawn
    assert 'href="mailto:h@i.no"' in drawn


def test_a_submission_is_read_in_words():
    made = form(
        text("navn"),
        choice("enig", "ja", "nei"),
        {"type": "checkbox", "key": "klar", "label": "Klar"},
        {"type": "datetime", "key": "når", "subtype": "datetime", "label": "Når"},
        listed("rader", number("nivå"), row_label="Område"),
        text("skjult", **hidden_when("true")),
    )
    answers = forms.check(
        made, {"navn": "A", "enig": "ja", "klar": True, "når": "2027-07-01T10:00", "rader": [{"nivå": 1.5}]}, **SEEN
    )
    assert "skjult" not in answers
    lines = forms.lines(made, answers, **SEEN)
    assert [(each.label, each.value, each.heading, each.depth) for each in lines] == [
        ("Navn", "A", False, 0),
        ("Enig", "Ja", False, 0),
        ("Klar", "Ja", False, 0),
        ("Når", "01.07.2027 kl. 10.00", False, 0),
        ("Rader", "", True, 0),
        ("Område 1", "", True, 1),
        ("Nivå", "1,5", False, 2),
    ]


def test_what_was_sent_is_read_as_it_was_sent_whatever_the_context_says_now():
    rows = listed("vedtak", text("name", readonly=True), choice("utfall", "ja"), default="=context.measures")
    made = form(rows, text("a", readonly=True, defaultValue="nå"), text("b", **hidden_when("context.open")))
    sent = {"vedtak": [{"row-id": "1" * 32, "name": "Gammelt tiltak", "utfall": "ja"}], "a": "da", "b": "x"}
    lines = forms.lines(made, sent, **{**SEEN, "context": {"measures": [], "open": True}})
    assert [(each.label, each.value) for each in lines if not each.heading] == [
        ("Name", "Gammelt tiltak"),
        ("Utfall", "Ja"),
        ("A", "da"),
        ("B", "x"),
    ]
    assert forms.lines(made, {}, **SEEN) == []


def test_rows_that_lie_fast_are_drawn_as_they_are_now_with_what_was_typed_before():
    rows = listed("vedtak", text("name", readonly=True), text("merknad"), default="=context.measures")
    made = form({**rows, "allowAddRemove": False})
    kept, gone = {"row-id": "0" * 31 + "1", "merknad": "Fra i går"}, {"row-id": "0" * 31 + "9", "merknad": "Borte"}

    page = draw(made, {"vedtak": [gone, kept]})

    assert page.xpath("//input[@name='vedtak-0-row-id']/@value") == [kept["row-id"]]
    assert page.xpath("//input[@name='vedtak-0-merknad']/@value") == ["Fra i går"]
    assert not page.xpath("//input[@name='vedtak-1-row-id']")


def test_a_draft_of_a_fixed_list_follows_the_rows_that_there_are_by_now():
    rows = listed("vedtak", text("name", readonly=True), text("svar"), default="=context.measures")
    made = form({**rows, "allowAddRemove": False})
    draft = {"vedtak": [{"row-id": "0" * 31 + "1", "svar": "beholdt"}, {"row-id": "9" * 32, "svar": "borte"}]}
    context = {"measures": [{"row_id": "2" * 32, "name": "Ny"}, {"row_id": "0" * 31 + "1", "name": "Gammel"}]}
    page = draw(made, draft, context=context)
    assert [each.text for each in page.xpath("//div[@class='form-kept']")] == ["Ny", "Gammel"]
    assert [each.get("value") for each in page.xpath("//input[@class='ds-input']")] == ["", "beholdt"]
    answers = forms.decode(made, post(page))
    assert [row["name"] for row in forms.check(made, answers, **{**SEEN, "context": context})["vedtak"]] == [
        "Ny",
        "Gammel",
    ]


def test_the_unit_of_a_number_is_part_of_its_name():
    page = draw(form(number("kostnad", appearance={"suffixAdorner": "kr"})), {})
    assert " ".join(page.xpath("string(//label)").split()) == "Kostnad kr (valgfritt)"
