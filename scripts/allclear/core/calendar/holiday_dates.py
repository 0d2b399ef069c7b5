"""Public holidays of a country or one of its regions, as the package `holidays` knows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache


@cache
def holiday_dates(region: str, year: int) -> frozenset[date]:
    """The days of that year on which offices in ``DE`` or ``DE-BY`` are closed, with those given in lieu.

    A region that the package does not know has none, so that its office stays open and people are told;
    `region_refusal` is for saying so.
    """
    if region_refusal(region):
        return frozenset()
    import holidays  # noqa: PLC0415 - loading it takes longer than a pass; most runbooks need no holidays

    country, _, subdivision = region.partition("-")
    return frozenset(holidays.country_holidays(country, subdivision or None, years=year, expand=False))


def region_refusal(region: str) -> str | None:
    """Why that is no country or region with known holidays, or None."""
    known = _regions()
    country, _, subdivision = region.partition("-")
    if country not in known:
        return f"no holidays are known of {country!r}; write a country such as DE or US"
    if subdivision and subdivision not in known[country]:
        there = ", ".join(known[country]) or "none"
        return f"no region {subdivision!r} in {country}; there are {there}"
    return None


@cache
def _regions() -> Mapping[str, tuple[str, ...]]:
    """Country -> its regions, by their ISO 3166 codes."""
    import holidays  # noqa: PLC0415 - only who asks for holidays waits for the package

    countries = holidays.list_supported_countries(include_aliases=False)
    return {country: tuple(regions) for country, regions in countries.items()}
