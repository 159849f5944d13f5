"""Two browsers on one map: each sees the other's edits; conflicts, keys, a cut network."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_pages import PHONE, WIDE, Site, violations, visitor
from tests.chromium import drag
from tests.processes.conftest import zhiyin
from tests.processes.editing import Colleague, gathered
from tests.processes.installation import Installation
from zhiyin.kernel.errors import Problem
from zhiyin.maps import document, operations
from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.maps.operations import Wanted

DRAWN = Map(
    name={"en": "A trip", "zh-Hans": "一次出行"},
    stages=tuple(
        Stage(one, {"en": one.title(), "zh-Hans": zh})
        for one, zh in (("search", "搜寻"), ("buy", "购买"), ("use", "使用"))
    ),
    lanes=(
        Lane("own", {"en": "Own channels", "zh-Hans": "自有渠道"}),
        Lane("people", {"en": "People", "zh-Hans": "人工服务"}),
    ),
    nodes=(
        Node("find", "search", "own", {"en": "Find a flight", "zh-Hans": "查找航班"}),
        Node("compare", "search", "own", {"en": "Compare"}),
        Node("pay", "buy", "own", {"en": "Pay", "zh-Hans": "支付"}, events="name = 'Paid'"),
        Node("ask", "use", "people", {"en": "Ask", "zh-Hans": "询问"}, is_help=True),
    ),
)


@pytest.fixture(scope="module")
def colleague(shared: Installation) -> Colleague:
    """Ben, beside the administrator; what he does comes by requests or by his own browser."""
    shared.running()
    return gathered(shared.server, shared.password, 1, "wsben")[0]


@pytest.fixture(autouse=True)
def hung_up(colleague: Colleague) -> Iterator[None]:
    """Her stream does not outlive a test."""
    yield
    colleague.hang_up()


@pytest.fixture
def drawn(shared: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A map of the test's own."""
    shared.running()
    key = f"ws-{zlib.crc32(request.node.name.encode())}"
    file = tmp_path / "map.json"
    file.write_bytes(document.write(DRAWN))
    done = zhiyin(shared.data, "journey", "map", "import", str(file), "--key", key)
    assert done.returncode == 0, done.stdout + done.stderr
    return key


def address(shared: Installation) -> str:
    return f"http://127.0.0.1:{shared.port}"


def workshop(
    browser: Browser, shared: Installation, key: str, *, locale: str = "en", **options: Any
) -> tuple[Page, list[str]]:
    site = Site(address(shared), shared.password)
    size = options.pop("viewport", WIDE)
    page, complaints = visitor(browser, site, viewport=size, locale=locale, **options)
    opened(page, key)
    return page, complaints


def opened(page: Page, key: str, query: str = "") -> None:
    page.goto(f"/main/journeys/maps/{key}/workshop/{query}")
    expect(page.locator("#workshop")).to_have_attribute("data-ready", "1")
    expect(page.locator("#present")).not_to_contain_text("Not live")


def as_ben(browser: Browser, shared: Installation, colleague: Colleague, key: str) -> Page:
    """Ben's own browser."""
    context = browser.new_context(base_url=address(shared), viewport=WIDE, locale="en")  # type: ignore[arg-type]
    for one in colleague.cookie.split("; "):
        name, _is, value = one.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address(shared)}])
    page = context.new_page()
    opened(page, key)
    return page


def draft(shared: Installation, key: str) -> Map:
    shown = json.loads(zhiyin(shared.data, "journey", "map", "show", key).stdout)
    return document.read(json.dumps(shown["document"]))


def node(page: Page, name: str) -> Locator:
    return page.locator(".ws-node", has_text=name)


def cell(page: Page, stage: str, lane: str) -> Locator:
    return page.locator(f"td[data-stage={stage}][data-lane={lane}]")


def kept(page: Page) -> None:
    expect(page.locator("#kept")).to_have_text("Kept")


def of_script(page: Page, key: str) -> Map:
    """The map as the script of a page of its own makes it of the server's answer."""
    found = page.evaluate(
        """async (address) => {
            const { Store } = await import("/static/web/workshop/store.js");
            const whole = await (await fetch(address)).json();
            return new Store(whole).map;
        }""",
        f"/main/journeys/maps/{key}/operations/",
    )
    return document.read(json.dumps(found))


def test_two_see_each_others_edits_and_what_each_holds(
    browser: Browser, shared: Installation, colleague: Colleague, drawn: str
) -> None:
    ana, complaints = workshop(browser, shared, drawn)
    ben = as_ben(browser, shared, colleague, drawn)
    expect(ana.locator("#present")).to_have_text("Here now: Wsben-0")
    # Several are added by typing alone.
    cell(ana, "buy", "people").get_by_role("button", name="Add a touchpoint").click()
    ana.keyboard.type("Call the desk")
    ana.keyboard.press("Enter")
    ana.keyboard.type("Be called back")
    ana.keyboard.press("Enter")
    ana.keyboard.press("Escape")
    expect(cell(ben, "buy", "people").locator(".ws-node")).to_have_text(
        ["Call the desk (bound to no rule yet)", "Be called back (bound to no rule yet)"]
    )
    # What Ben holds has a ring with his initials, and is said in words.
    node(ben, "Pay").click()
    ring = node(ana, "Pay").locator(".ws-ring")
    expect(ring).to_have_text("W Wsben-0 is here")
    expect(ana.locator("#present")).to_have_text("Here now: Wsben-0 at Touchpoint Pay")
    # He writes a name; she reads it at the same touchpoint, in the field where she is not writing.
    node(ana, "Pay").click()
    ben.get_by_label("Name, Chinese").fill("立即支付")
    ana.get_by_label("Name, English").fill("Pay now")
    expect(ana.get_by_label("Name, Chinese")).to_have_value("立即支付")
    expect(ben.get_by_label("Name, English")).to_have_value("Pay now")
    expect(ana.locator("#conflicts")).to_be_hidden()
    ben.get_by_label("What customers come for").select_option(label="tick something off")
    ben.get_by_label("Owner").select_option(label="Wsben-0")
    ben.get_by_label("Required on the drawn way").check()
    ben.get_by_label("another channel").fill("app")
    ben.get_by_label("another channel").press("Enter")
    expect(ana.get_by_label("app", exact=True)).to_be_checked()
    # A rule that cannot be read is said at its field, and what was written stays there.
    rule = ben.get_by_role("textbox", name="Events that are a bad experience", exact=True)
    rule.fill("name = ")
    rule.blur()
    expect(ben.locator(".ws-field .error:visible")).to_have_count(1)
    expect(rule).to_have_value("name = ")
    rule.fill("name = 'Payment Failed'")
    rule.blur()
    expect(ben.locator(".ws-field .error:visible")).to_have_count(0)
    ben.get_by_role("button", name="Try it: Events that are here").click()
    expect(ben.get_by_text("matches nothing in the last 30 days")).to_be_visible()
    for page in (ana, ben):
        kept(page)
    # A stage and a lane, and the version that pages show.
    ana.get_by_role("button", name="Add a stage").click()
    ana.keyboard.type("After")
    ana.keyboard.press("Enter")
    ana.keyboard.press("Escape")
    expect(ben.locator("thead th")).to_have_count(4)
    ana.click("#keep")
    ana.fill("#keep-notes", "the first workshop")
    ana.get_by_role("dialog").get_by_role("button", name="Keep as a version").click()
    expect(ben.locator("#said")).to_contain_text("has kept it as version")
    held = draft(shared, drawn)
    pay = held.node("pay")
    assert pay is not None
    assert (pay.name, pay.wish, pay.owner, pay.channels, pay.is_required, pay.bad) == (
        {"en": "Pay now", "zh-Hans": "立即支付"}, "tick-off", "wsben-0", ("app",), True,
        "name = 'Payment Failed'",
    )  # fmt: skip
    assert of_script(ana, drawn) == held
    # Who leaves holds nothing any more.
    ben.context.close()
    expect(ana.locator("#present")).to_have_text("Nobody else is here.")
    expect(ana.locator(".ws-ring")).to_have_count(0)
    assert complaints == []
    ana.context.close()


def test_of_two_values_both_are_shown_to_both_until_one_decides(
    browser: Browser, shared: Installation, colleague: Colleague, drawn: str
) -> None:
    ana, complaints = workshop(browser, shared, drawn)
    ben = as_ben(browser, shared, colleague, drawn)
    node(ana, "Pay").click()
    node(ben, "Pay").click()
    # Neither sees what the other writes.
    ben.context.set_offline(True)
    ben.get_by_label("Name, English").fill("Pay by card")
    expect(ben.locator("#kept")).to_contain_text("No network")
    ana.get_by_label("Name, English").fill("Pay at once")
    kept(ana)
    ben.context.set_offline(False)
    for page, mine, theirs in (
        (ana, "Keep mine", "Take theirs"),
        (ben, "Take mine", "Keep theirs"),
    ):
        box = page.locator("#conflicts")
        expect(box).to_contain_text("Two have changed the same: which holds?")
        expect(box).to_contain_text("admin, first")
        expect(box).to_contain_text("Pay at once")
        expect(box).to_contain_text("Wsben-0, after")
        expect(box).to_contain_text("Pay by card")
        expect(box.get_by_role("button", name=mine)).to_be_visible()
        expect(box.get_by_role("button", name=theirs)).to_be_visible()
        expect(node(page, "Pay at once").locator(".ws-odd")).to_be_visible()
    ana.click("#keep")
    ana.get_by_role("dialog").get_by_role("button", name="Keep as a version").click()
    expect(ana.get_by_role("dialog").get_by_role("alert")).to_contain_text("nobody has decided")
    ana.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    ana.locator("#conflicts").get_by_role("button", name="Take theirs").click()
    for page in (ana, ben):
        expect(page.locator("#conflicts")).to_be_hidden()
        expect(page.get_by_label("Name, English")).to_have_value("Pay by card")
    # Two places for one touchpoint: the same.
    ben.context.set_offline(True)
    node(ben, "Ask").focus()
    ben.keyboard.press("Alt+ArrowLeft")
    expect(cell(ben, "buy", "people").locator(".ws-node")).to_have_count(1)
    node(ana, "Ask").focus()
    ana.keyboard.press("Alt+ArrowUp")
    expect(cell(ana, "use", "own").locator(".ws-node")).to_have_count(1)
    kept(ana)
    ben.context.set_offline(False)
    expect(ben.locator("#conflicts dd")).to_have_text(
        ["Use · Own channels, first", "Buy · People, first"]
    )
    ben.locator("#conflicts").get_by_role("button", name="Keep theirs").click()
    expect(ana.locator("#conflicts")).to_be_hidden()
    assert of_script(ana, drawn) == draft(shared, drawn)
    # That keeping was refused is all that the browser has to say.
    assert [one for one in complaints if "status of 422" not in one] == []
    for page in (ana, ben):
        page.context.close()


def test_all_is_done_by_keys_and_taken_back(
    browser: Browser, shared: Installation, drawn: str
) -> None:
    page, complaints = workshop(browser, shared, drawn)
    said = page.locator("#said")
    node(page, "Find a flight").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(said).to_contain_text("Find a flight is now in Search · Own channels, 2 of 2.")
    expect(page.locator(".ws-node:focus")).to_contain_text("Find a flight")
    page.keyboard.press("Alt+ArrowDown")
    expect(said).to_contain_text("Find a flight is now in Search · People, 1 of 1.")
    page.keyboard.press("Alt+ArrowRight")
    expect(said).to_contain_text("Find a flight is now in Buy · People, 1 of 1.")
    page.keyboard.press("Alt+ArrowDown")
    expect(said).to_contain_text("It cannot be moved further.")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".ws-node:focus")).to_contain_text("Pay")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".ws-node:focus")).to_contain_text("Compare")
    page.keyboard.press("Delete")
    expect(said).to_contain_text("Compare is removed.")
    expect(node(page, "Compare")).to_have_count(0)
    # A stage that still has touchpoints stays; stages and lanes move by keys too.
    page.locator(".ws-heading", has_text="Buy").focus()
    page.keyboard.press("Delete")
    expect(said).to_contain_text("Touchpoints stand there")
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator("thead th")).to_have_text(["Buy", "Search", "Use"])
    page.locator(".ws-heading", has_text="People").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("tbody th")).to_have_text(["People", "Own channels"])
    kept(page)
    for _time in range(6):
        page.keyboard.press("Control+z")
    kept(page)
    assert draft(shared, drawn) == DRAWN
    page.keyboard.press("Control+z")
    expect(said).to_contain_text("nothing that could be taken back")
    for _time in range(4):
        page.keyboard.press("Control+Shift+z")
    expect(node(page, "Compare")).to_have_count(0)
    page.click("#undo")
    expect(node(page, "Compare")).to_have_count(1)
    kept(page)
    assert [one.id for one in draft(shared, drawn).at("buy", "people")] == ["find"]
    # By dragging: to another cell, and a stage to another place.
    drag(page.locator("[data-drag='node:pay']"), cell(page, "use", "own"))
    expect(said).to_contain_text("Pay is now in Use · Own channels, 1 of 1.")
    search, use = (page.locator(f"[data-drag='stage:{one}']") for one in ("search", "use"))
    drag(use, search, y=10)
    expect(page.locator("thead th")).to_have_text(["Use", "Search", "Buy"])
    kept(page)
    assert of_script(page, drawn) == draft(shared, drawn)
    assert complaints == []
    page.context.close()


def test_what_no_network_takes_is_sent_again_once(
    browser: Browser, shared: Installation, drawn: str
) -> None:
    page, _complaints = workshop(browser, shared, drawn)
    context = page.context
    node(page, "Pay").click()
    context.set_offline(True)
    page.get_by_label("Name, English").fill("Pay in peace")
    expect(page.locator("#kept")).to_contain_text("No network")
    cell(page, "search", "people").get_by_role("button", name="Add a touchpoint").click()
    page.keyboard.type("Ask at the counter")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.on("dialog", lambda asks: asks.accept())
    page.close(run_before_unload=False)
    assert draft(shared, drawn) == DRAWN
    context.set_offline(False)
    again = context.new_page()
    opened(again, drawn)
    kept(again)
    expect(node(again, "Pay in peace")).to_have_count(1)
    expect(node(again, "Ask at the counter")).to_have_count(1)
    third = context.new_page()
    opened(third, drawn)
    expect(third.locator("#said")).to_be_empty()
    # What was sent, and of which no answer came, is sent again and done once.
    answers: list[str] = []

    def lost(route: Any) -> None:
        if not answers:
            answers.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    third.route("**/operations/", lost)
    node(third, "Compare").click()
    third.get_by_label("Name, English").fill("Compare fares")
    kept(third)
    assert len(answers) == 1
    operation = json.loads(answers[0])["done"][0]["number"]
    whole = third.evaluate("fetch('../operations/').then((one) => one.json())")
    assert whole["number"] == operation, "it was done twice"
    context.close()


def test_what_cannot_be_done_is_said_with_what_was_written(
    browser: Browser, shared: Installation, colleague: Colleague, drawn: str
) -> None:
    page, _complaints = workshop(browser, shared, drawn)
    node(page, "Compare").click()
    page.context.set_offline(True)
    page.get_by_label("Name, English").fill("Compare fares")
    expect(page.locator("#kept")).to_contain_text("No network")
    colleague.page = f"/main/journeys/maps/{drawn}/"
    colleague.do({"id": "r", "does": "remove", "part": "node", "target": "compare", "seen": 0})
    page.context.set_offline(False)
    note = page.locator("#refused .note")
    expect(note).to_contain_text("Somebody may have removed it")
    expect(note).to_contain_text("You had written: Compare fares")
    note.get_by_role("button", name="Dismiss").click()
    expect(note).to_have_count(0)
    kept(page)
    page.context.close()


def test_a_touchpoint_for_an_unexplained_event(
    browser: Browser, shared: Installation, drawn: str
) -> None:
    page, complaints = workshop(browser, shared, drawn)
    opened(page, drawn, "?add=Seat%20Changed")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("name = 'Seat Changed'")
    dialog.get_by_label("Stage").select_option(label="Use")
    dialog.get_by_label("Lane").select_option(label="People")
    dialog.get_by_role("button", name="Add a touchpoint").click()
    expect(page.get_by_role("textbox", name="Events that are here", exact=True)).to_have_value(
        "name = 'Seat Changed'"
    )
    kept(page)
    made = draft(shared, drawn).at("use", "people")[-1]
    assert (made.name, made.events) == ({"en": "Seat Changed"}, "name = 'Seat Changed'")
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_it_can_be_read_and_reached_by_everybody(
    browser: Browser, shared: Installation, colleague: Colleague, drawn: str, locale: str
) -> None:
    colleague.page = f"/main/journeys/maps/{drawn}/"
    assert zhiyin(shared.data, "journey", "map", "keep", drawn).returncode == 0
    page, complaints = workshop(
        browser, shared, drawn, locale=locale, bypass_csp=True, color_scheme="dark"
    )
    faults = [f"closed: {one}" for one in violations(page)]
    # A conflict, a ring, a form with a fault, a part of each kind.
    colleague.listen()
    colleague.hold("node:pay")
    colleague.do(_named("c1", "Pay by card", 0))
    page.evaluate(
        """([address, body]) => fetch(address, { method: "POST", body: JSON.stringify(body),
            headers: { "Content-Type": "application/json", "X-CSRFToken":
            document.querySelector("#workshop [name=csrfmiddlewaretoken]").value } })""",
        [f"{colleague.page}operations/", _named("c2", "Pay at once", 0)],
    )
    expect(page.locator("#conflicts li")).to_have_count(1)
    expect(page.locator(".ws-ring")).to_have_count(1)
    for part in ("node:pay", "stage:buy", "lane:own"):
        page.locator(f"[data-part='{part}']").click()
        faults += [f"{part}: {one}" for one in violations(page)]
    page.click("#about")
    faults += [f"the map: {one}" for one in violations(page)]
    page.emulate_media(color_scheme="light")
    page.locator("[data-part='node:pay']").click()
    field = page.locator("textarea.ws-code").first
    field.fill("name =")
    field.blur()
    expect(page.locator(".ws-field .error:visible")).to_have_count(1)
    faults += [f"light, with a fault: {one}" for one in violations(page)]
    page.click("#keep")
    faults += [f"keeping: {one}" for one in violations(page)]
    page.get_by_role("dialog").get_by_role("button").last.click()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    faults += [f"phone: {one}" for one in violations(page)]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # A phone reads, and says that editing wants a wider screen.
    expect(page.locator(".ws-narrow")).to_be_visible()
    expect(page.locator(".ws-add, #keep:visible, #desk textarea")).to_have_count(0)
    for path in ("history/", "history/changes/?from=1", "../new/"):
        page.goto(f"{colleague.page}{path}" if "new" not in path else "/main/journeys/maps/new/")
        for size in (PHONE, WIDE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            faults += [f"{path}: {one}" for one in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                faults.append(f"{path} scrolls sideways at {size['width']}")
    assert faults == []
    assert complaints == []
    colleague.hang_up()
    page.context.close()


def _named(id_: str, value: str, seen: int) -> dict[str, Any]:
    return {
        "id": id_, "does": "set", "part": "node", "target": "pay", "field": "name.en",
        "value": value, "seen": seen,
    }  # fmt: skip


def any_of(draw: random.Random, map_: Map, number: int) -> Wanted:
    """An operation that a map of these parts may allow."""
    part, parts = draw.choice(
        [("node", map_.nodes), ("node", map_.nodes), ("stage", map_.stages), ("lane", map_.lanes)]
    )
    ids = [one.id for one in parts]
    target = draw.choice([*ids, "none"])
    cell = {"stage": draw.choice(map_.stages).id, "lane": draw.choice(map_.lanes).id}
    after = draw.choice(["", *ids, "none"])
    where = {"after": after, **(cell if part == "node" else {})}
    does = draw.choice(["set", "set", "add", "move", "move", "remove"])
    given: dict[str, tuple[str, str, Any]] = {
        "set": (target, *draw.choice([
            ("name", {"en": f"n{number}"}), ("name.en", f"e{number}"), ("name.zh-Hans", ""),
            ("name.zh-Hans", f"中{number}"), ("channels", ["app"]), ("is_help", True),
            ("begins", True),
        ])),
        "add": (f"p{number}", "", {"id": f"p{number}", "name": {"en": "new"}, **where}),
        "move": (target, "", where),
        "remove": (target, "", None),
    }  # fmt: skip
    return Wanted(str(number), does, part, *given[does])  # type: ignore[arg-type]


def test_the_scripts_rules_are_the_servers(
    browser: Browser, shared: Installation, drawn: str
) -> None:
    """Operations drawn at random, done by the script and by the room: both make the same map."""
    page, complaints = workshop(browser, shared, drawn)
    draw = random.Random(5)  # noqa: S311 - nothing secret
    map_: Map = DRAWN
    wanted: list[dict[str, Any]] = []
    for number in range(400):
        one = any_of(draw, map_, number)
        try:
            done = operations.applied(map_, one)
        except Problem:
            continue
        back = operations.turned(one, done.before, id_=f"b{number}", seen=0)
        wanted += [msgspec.to_builtins(one), msgspec.to_builtins(back), msgspec.to_builtins(one)]
        map_ = done.map
    assert len(wanted) > 300
    found = page.evaluate(
        """async ([map, wanted]) => {
            const { applied, begin, turned } = await import("/static/web/workshop/document.js");
            let now = begin(map);
            const wrong = [];
            for (let place = 0; place < wanted.length; place += 3) {
                const [op, back, again] = wanted.slice(place, place + 3);
                const done = applied(now, op);
                if (!done) { wrong.push(op); continue; }
                const own = turned(op, done.before);
                if (JSON.stringify([own.does, own.target, own.field]) !==
                    JSON.stringify([back.does, back.target, back.field])) wrong.push([own, back]);
                if (!applied(done.map, own)) wrong.push(own);
                now = applied(applied(done.map, back).map, again).map;
            }
            return { now, wrong };
        }""",
        [document.builtins(DRAWN), wanted],
    )
    assert found["wrong"] == []
    assert document.read(json.dumps(found["now"])) == map_
    assert complaints == []
    page.context.close()
