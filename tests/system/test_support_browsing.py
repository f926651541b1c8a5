"""The browser of tests/system: a page that changes under a look is looked at again."""

import pytest
from support.browsing import Browser

exceptions = pytest.importorskip("selenium.common.exceptions")

# Replaces its element all the time, as a page does whose script or navigation comes between finding and reading.
RESTLESS = """<!doctype html><title>restless</title><main><p>wait</p></main><script>
let times = 0;
function again() {
  times += 1;
  const done = times > 400;
  document.querySelector("main").innerHTML = done ? "<p>Thank you</p><button onclick='document.title += 1'>b</button><input name=n>" : "<p>wait</p>";
  if (!done || times < 800) setTimeout(again, 1);
}
again();
</script>"""


class Element:
    def __init__(self, *answers):
        self.answers = answers

    @property
    def text(self):
        return self._answer()

    def click(self):
        self._answer()

    def _answer(self):
        for answer in self.answers:
            if isinstance(answer, Exception):
                raise answer
            return answer


class Driver:
    """Gives one element after the other, however often it is asked."""

    title = "a title"
    current_url = "http://shop.example/"

    def __init__(self, *elements):
        self.elements = list(elements)

    def find_element(self, _kind, _selector):
        element = self.elements.pop(0) if len(self.elements) > 1 else self.elements[0]
        if isinstance(element, Exception):
            raise element
        return element


def test_stale_missing_and_covered_elements_are_looked_for_again():
    stale, missing = exceptions.StaleElementReferenceException("gone"), exceptions.NoSuchElementException("not yet")
    browser = Browser(Driver(Element(stale), missing, Element("wait"), Element("Thank you")))
    browser.wait_for_text("main", "Thank you")
    covered = exceptions.ElementClickInterceptedException("something is before it")
    Browser(Driver(Element(covered), Element(stale), Element(None))).click("button")


def test_what_never_comes_fails_with_what_was_seen_last():
    browser = Browser(Driver(Element("another text")))
    with pytest.raises(AssertionError, match=r"main shows 'Thank you'.*http://shop.example/"):
        browser.until(lambda: "Thank you" in browser.find("main").text, "main shows 'Thank you'", deadline_s=0.1)


def test_a_page_that_never_rests(browser, tmp_path):
    page = tmp_path / "restless.html"
    page.write_text(RESTLESS)
    browser.open(page.as_uri())
    browser.wait_for_text("main p", "Thank you")
    browser.click("main button")
    browser.wait_for_title("restless1")
    browser.driver.execute_script("times = 800")
    browser.fill("n", "a value")
