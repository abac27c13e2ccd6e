import numpy as np
import pytest


def pytest_addoption(parser):
    parser.addoption("--site", metavar="FOLDER", help="test this built site: book/_build/html")


def pytest_ignore_collect(collection_path, config):
    if collection_path.name == "test_site.py" and not config.getoption("--site"):
        return True
    return None


def pytest_report_header(config):
    if not config.getoption("--site"):
        return "tests/test_site.py waits for a built site: --site book/_build/html"
    return None


@pytest.fixture(scope="session")
def piles():
    """Short texts whose last word tells, so that a few loops must be enough to learn them."""
    from rahulml.reviews import Pile, Piles  # wants more than NumPy, which a hand test may lack

    rng = np.random.default_rng(0)

    def pile(n):
        words = rng.integers(2, 30, (n, 8), dtype=np.int32)
        return Pile(words, (words[:, -1] < 16).astype(np.int32))

    return Piles(pile(400), pile(80), pile(80), tuple(map(str, range(30))), duplicates=0)


@pytest.fixture
def book(tmp_path):
    from small_book import SmallBook  # here, for where there are no tools to build a book

    return SmallBook(tmp_path)
