"""The book's own extension: each file beside this one does one thing, and here stands when.

Nothing here imports the package: a build whose package can't be imported still says why.
"""

import os

from sphinx.application import Sphinx

from . import (
    drafts,
    kernels,
    licences,
    notebooks,
    pages,
    practice,
    spreadsheet,
    terms,
    trainings,
    values,
    walks,
    whole_book,
)

HOOKS = {
    "config-inited": [pages.publish],
    "builder-inited": [
        kernels.prepare,
        trainings.open_store,
        drafts.bring_recorder,  # its records lie in the store
        pages.leave_out_search,
    ],
    "env-get-outdated": [values.pages_that_changed],
    "env-before-read-docs": [kernels.warm_if_many],
    "doctree-read": [walks.gather],
    "autodoc-skip-member": [terms.skip_fields],
    "env-updated": [trainings.pages_that_tell_cost],
    "env-check-consistency": [values.write_ledger],
    "doctree-resolved": [trainings.tell_cost],
    "html-page-context": [
        notebooks.write,  # of the page as it is before the next changes it
        pages.mend,
    ],
    "build-finished": [
        kernels.end_origin,
        trainings.close_log,
        pages.remove_scripts,
        practice.write,
        spreadsheet.write,
        whole_book.write_page,
        whole_book.write_files,  # of that page
    ],
}
"""What Sphinx calls at each event of a build, in this order."""

AFTER_THE_OTHERS = 900
"""Their place among all that Sphinx calls: other extensions and the theme have been by then."""


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("myst_nb")
    app.add_config_value("book_repository", "", "env")
    # When it changes, all pages are computed again, so that no draft is left among them.
    app.add_config_value("rahulml_draft", os.environ.get("RAHULML_DRAFT") == "1", "env")
    app.add_config_value("rahulml_take_along", os.environ.get("RAHULML_TAKE_ALONG") == "1", "env")
    # Jupyter Book sets it for an extension that brings scripts, and that is left out here.
    app.add_config_value("comments_config", {}, "")

    app.add_source_parser(values.RecomputingParser, override=True)
    app.add_role("eval", values.RecomputedNumber(), override=True)
    app.add_directive("eval", values.RecomputedBlock, override=True)
    app.add_directive_to_domain("eval", "figure", values.RecomputedFigure, override=True)
    app.add_directive("licences", licences.Licences)
    app.add_node(trainings.Cost)
    app.add_directive("build-cost", trainings.BuildCost)
    app.add_transform(terms.IndexOfTerms)

    for event, called in HOOKS.items():
        for function in called:
            app.connect(event, function, priority=AFTER_THE_OTHERS)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
