"""A browser as a test speaks of it: what is to be seen, clicked and filled in, named by a CSS selector.

A page changes while a test looks at it: an element that was found a moment ago belongs to the page before, or is not there
yet, or moves under the pointer. Here no element outlives one look; each is found anew until the look succeeds or its
deadline passes."""

import contextlib
import json

from support.processes import wait_until

DEADLINE_S = 30.0  # for one look; a page of ours is there in 0.1 s, on a machine that is otherwise idle
PAGE_LOAD_TIMEOUT_S = 60


def not_yet():
    """Selenium's words for "the page is not as far as you think"."""
    from selenium.common import exceptions

    return (exceptions.StaleElementReferenceException, exceptions.NoSuchElementException,
            exceptions.ElementNotInteractableException, exceptions.ElementClickInterceptedException,
            exceptions.InvalidElementStateException, exceptions.JavascriptException)


@contextlib.contextmanager
def a_page_that_changes():
    """Passes over what Selenium says of a page that is not as far as a look at it, or has gone meanwhile."""
    from selenium.common import exceptions

    try:
        with contextlib.suppress(*not_yet()):
            yield
    except exceptions.WebDriverException as other:
        # chromedriver's word for a stale element, where the page goes between its finding and its look.
        if "does not belong to the document" not in str(other):
            raise


class Browser:
    def __init__(self, driver):
        self.driver = driver

    def open(self, url):
        self.driver.get(url)

    def save_screenshot(self, file):
        self.driver.save_screenshot(str(file))

    @property
    def source(self):
        return self.driver.page_source

    @property
    def title(self):
        return self.driver.title

    def complaints(self):
        """What the page's console said that was not a mere remark."""
        return [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requested(self):
        """The addresses that were asked for since the last look, in a browser started with network_log."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]

    def prefer(self, language="en", scheme="light"):
        """What its next pages are told of the visitor's wishes."""
        agent = self.driver.execute_cdp_cmd("Browser.getVersion", {})["userAgent"]
        self.driver.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": language})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def before_each_page(self, script):
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    def until(self, look, what, deadline_s=DEADLINE_S):
        """The first true value of look(); a look at an element that is gone or not there yet is repeated."""
        last = []

        def try_look():
            with a_page_that_changes():
                last[:] = [look()]
                return last[0]
            return None

        try:
            return wait_until(try_look, what, deadline_s)
        except AssertionError as late:
            raise AssertionError(f"{late}; the last look gave {last}, at {self.driver.current_url} ({self.driver.title!r})") from None

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def count(self, selector):
        return len(self.driver.find_elements("css selector", selector))

    def text(self, selector):
        """What the element shows; waited for until it shows anything."""
        return self.until(lambda: self.find(selector).text, f"{selector} shows something")

    def attribute(self, selector, name):
        return self.until(lambda: self.find(selector).get_attribute(name), f"{selector} has {name}")

    def wait_for_text(self, selector, words):
        self.until(lambda: words in self.find(selector).text, f"{selector} shows {words!r}")

    def wait_for(self, selector):
        self.until(lambda: self.count(selector) > 0, f"{selector} is there")

    def wait_for_title(self, words):
        self.until(lambda: words in self.driver.title, f"a page whose title has {words!r}")

    def wait_for_address(self, words):
        self.until(lambda: words in self.driver.current_url, f"a page whose address has {words!r}")

    def wait_for_script(self, script, value):
        self.until(lambda: self.driver.execute_script(script) == value, f"{script} gives {value!r}")

    def click(self, selector):
        """Pressed once: each of the faults that are waited out is told before the page gets the press."""
        def press():
            self.find(selector).click()
            return True

        self.until(press, f"{selector} can be clicked")

    def fill(self, name, value):
        """The field of that name holds the value, and nothing that was in it before."""
        def write():
            field = self.find(f"[name={name}]")
            field.clear()
            field.send_keys(value)
            return field.get_attribute("value") == value

        self.until(write, f"the field {name} takes {value!r}")


def chromium(program, driver_program, profile, arguments=(), preferences=None, network_log=False):
    """A headless Chromium with that folder for its profile, further arguments and what its settings are to say."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (*arguments, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                     "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
                     f"--user-data-dir={profile}", "--window-size=1200,900"):
        options.add_argument(argument)
    if preferences:
        options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", **({"performance": "ALL"} if network_log else {})})
    driver = webdriver.Chrome(service=Service(driver_program), options=options)
    driver.set_page_load_timeout(PAGE_LOAD_TIMEOUT_S)
    return Browser(driver)
