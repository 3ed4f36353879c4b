"""The working calendar's page: everybody sees the year, its keepers correct it."""

from __future__ import annotations


def test_everybody_sees_the_year_with_its_working_days(web):
    page = web.as_("li_gong").get("/calendar/?year=2026")
    assert page.status_code == 200
    assert "248" in page.text
    assert "/calendar/days" not in page.text


def test_the_process_owner_corrects_a_date_and_sees_it_marked(web):
    keeper = web.as_("xie_liu")
    answer = keeper.post("/calendar/days", {"day": "2026-03-03", "kind": "rest", "note": "厂庆"})
    assert answer.status_code == 303
    page = keeper.get("/calendar/?year=2026").text
    assert "247" in page
    assert "厂庆" in page


def test_wrong_hours_are_said_on_the_page_and_kept_in_the_field(web):
    answer = web.as_("xie_liu").post("/calendar/hours", {"hours": "18:00-09:00"})
    assert answer.status_code == 422
    assert "18:00-09:00" in answer.text


def test_an_engineer_is_refused(web):
    answer = web.as_("li_gong").post("/calendar/days", {"day": "2026-03-03", "kind": "rest"})
    assert answer.status_code == 403
