"""Brings the generated parts of the pages up to date."""

from docs.reference.page import PAGES, up_to_date

for page in PAGES:
    page.write_text(up_to_date(page), encoding="utf-8")
