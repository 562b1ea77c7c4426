from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from typing_extensions import override

from hub.domain.decision import Ballot, Dissent, Draft, Regrouping, Verdict
from hub.domain.route import Candidate
from hub.domain.usage import Budget
from tests.fakes import transcripts
from ui.theme import register
from ui.widgets.budget_bar import BudgetBar
from ui.widgets.cost_sparkline import CostSparkline
from ui.widgets.panel import Panel
from ui.widgets.route_panel import RoutePanel, word_for
from ui.widgets.vote_panel import VotePanel

pytestmark = pytest.mark.anyio

WIDTHS = [20, 30, 42, 80]
HOSTILE = ("[/b]", "[@click=app.quit]now", "日本語の名前", "👩‍💻 coder", "\x1b]0;owned\x07\nline")


class PanelApp(App[None]):
    def __init__(self, *panels: Panel) -> None:
        super().__init__()
        self.panels = panels

    @override
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield from self.panels

    def on_mount(self) -> None:
        register(self)


@asynccontextmanager
async def shown(panel: Panel, width: int = 42) -> AsyncIterator[PanelApp]:
    app = PanelApp(panel)
    async with app.run_test(size=(width, 60)) as pilot:
        await pilot.pause()
        yield app


async def text_of(panel: Panel, width: int = 42) -> str:
    async with shown(panel, width):
        lines = [line.plain for line in panel.lines(panel.size.width)]
        assert all(cell_len(line) <= panel.size.width for line in lines)
        assert panel.size.height == len(lines)
        return "\n".join(lines)


def route_panel(**changes: object) -> RoutePanel:
    panel = RoutePanel(ascii_only=bool(changes.pop("ascii_only", False)))
    route = next(iter(transcripts.turns().values())).route
    assert route is not None
    panel.route = replace(route, **changes)  # type: ignore[arg-type]  # fields of Route
    return panel


def vote_panel(
    waiting: tuple[str, ...] = (), writing: tuple[str, ...] = (), **changes: object
) -> VotePanel:
    panel = VotePanel(ascii_only=bool(changes.pop("ascii_only", False)))
    panel.show(replace(transcripts.decision(), **changes), waiting, writing)  # type: ignore[arg-type]  # fields of Decision
    return panel


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_panel_fits_any_width(width: int) -> None:
    cost = CostSparkline(ascii_only=False)
    cost.costs = (1_000, None, 0, 2_500) * 10
    budget = BudgetBar(ascii_only=False)
    budget.budget = Budget("day:2025-11-22", 5_000_000, 3_610_000, 200_000)

    for panel in (route_panel(), vote_panel(), cost, budget):
        await text_of(panel, width)


async def test_empty_panels_say_so() -> None:
    assert "no turn was routed yet" in await text_of(RoutePanel())
    assert "nothing is put to the vote" in await text_of(VotePanel())
    assert "no turn has ended yet" in await text_of(CostSparkline())
    assert "no budget" in await text_of(BudgetBar())


async def test_a_route_shows_every_candidate_with_score_word_and_cost() -> None:
    text = await text_of(route_panel(), 60)
    rows = text.split("\n")

    assert "proposer, hybrid" in rows[0]
    assert [row.split()[1] for row in rows[1:5]] == [
        "gpt-4o", "gpt-4o-mini", "grok-3-mini", "smollm2",
    ]  # fmt: skip
    assert "0.91 chosen" in rows[1]
    assert rows[1].endswith("$0.0042")
    assert "schema" in rows[4]
    assert rows[4].endswith("?")
    assert len({cell_len(row) for row in rows[1:5]}) == 1
    assert "why: openai/gpt-4o has the best blend" in text


async def test_the_best_score_fills_its_bar_and_the_others_less() -> None:
    rows = (await text_of(route_panel(), 60)).split("\n")
    lengths = [row.count("█") for row in rows[1:5]]

    assert lengths[0] > lengths[1] > lengths[2] > lengths[3] == 0


@pytest.mark.parametrize(
    ("candidate", "word"),
    [
        (Candidate("a/b", removed="the budget cannot pay for it: ..."), "budget"),
        (Candidate("a/b", removed="family gpt already has a seat"), "seated"),
        (Candidate("a/b", removed="critic may not use it"), "barred"),
        (Candidate("a/b", removed="something new"), "removed"),
        (Candidate("a/b", cost=None, latency_s=1.0), "unpriced"),
        (Candidate("a/b", cost=400, latency_s=1.1), "dearer"),
        (Candidate("a/b", cost=101, latency_s=9.0), "slower"),
        (Candidate("a/b", cost=100, latency_s=1.0, availability=0.5), "shakier"),
        (Candidate("a/b", cost=90, latency_s=None), "behind"),
    ],
)
def test_one_word_says_why_a_candidate_lost(candidate: Candidate, word: str) -> None:
    chosen = Candidate("c/d", cost=100, latency_s=1.0, availability=0.99, score=1.0)

    assert word_for(candidate, chosen) == word


async def test_unknown_costs_are_never_zero() -> None:
    text = await text_of(route_panel(candidates=(Candidate("grok/x", score=1.0),)))

    assert "?" in text
    assert "$0" not in text


async def test_negative_scores_still_make_bars() -> None:
    candidates = (Candidate("a/best", score=-1.0), Candidate("a/worst", score=-3.0))

    rows = (await text_of(route_panel(candidates=candidates), 60)).split("\n")

    assert rows[1].count("█") > rows[2].count("█")


async def test_a_closed_vote_shows_counts_voters_outcome_and_dissent() -> None:
    text = await text_of(vote_panel())

    assert "majority" in text
    assert "2 votes" in text
    assert "1 vote" in text
    assert "✓ critic      voted B" in text
    assert "quorum 3 of 2, met" in text
    assert "✓ decided: A" in text
    assert "dissent: critic for B" in text
    joined = " ".join(text.split())
    assert "Notes outlive programs. A folder of text needs no promise from us." in joined
    assert "An export that is always current and tested." in joined


async def test_a_vote_whose_options_a_person_joined_says_whose_drafts_they_are_and_why() -> None:
    decision = transcripts.decision()
    first, second = (replace(o, authors=(o.id[:4],)) for o in decision.proposal.options[:2])
    drafts = (Draft("critic", second.text), Draft("proposer", first.text))
    one = replace(first, drafts=drafts)
    change = Regrouping("Ada", "The same plan.", 0, (first, second), (one,))
    proposal = replace(decision.proposal, options=(one,), open=True, regroupings=(change,))

    text = " ".join((await text_of(vote_panel(proposal=proposal), 60)).split())

    assert "drafts of critic, proposer" in text
    assert "Ada joined" in text
    assert "The same plan." in text


async def test_an_open_vote_tells_who_is_writing_waiting_and_abstained() -> None:
    decision = transcripts.decision()
    ballots = (decision.ballots[0], Ballot("critic", 1, None, abstain=True))
    eligible = ("proposer", "critic", "synthesist", "judge", "late")
    proposal = replace(decision.proposal, eligible=eligible)

    text = await text_of(
        vote_panel(
            ("judge",), ("synthesist",), tally=None, closed_at=None, dissent=(), ballots=ballots,
            proposal=proposal,
        )
    )  # fmt: skip

    assert "✓ proposer    voted A" in text
    assert "○ critic      abstained" in text
    assert "… synthesist  writing" in text
    assert "· judge       waiting" in text
    assert "· late        waiting" in text
    assert "quorum 1 of 3, open" in text
    assert "decided" not in text
    assert "1 vote" in text


async def test_who_never_voted_is_absent_once_the_vote_is_closed() -> None:
    decision = transcripts.decision()
    assert decision.tally is not None
    tally = replace(decision.tally, absent=("critic",), verdict=Verdict.ADVISORY)

    text = await text_of(vote_panel(ballots=decision.ballots[:1], tally=tally))

    assert "✗ critic      absent" in text
    assert "○ advisory: A" in text


async def test_a_block_is_told_from_an_abstention() -> None:
    ballots = (Ballot("critic", 1, None, block=True, reason="unsafe"),)

    assert "⊘ critic      blocked" in await text_of(vote_panel(ballots=ballots))


async def test_only_the_last_round_counts() -> None:
    decision = transcripts.decision()
    again = replace(decision.ballots[1], round=2, choice=transcripts.SQLITE.id)

    text = await text_of(
        vote_panel(("proposer",), tally=None, closed_at=None, ballots=(*decision.ballots, again))
    )

    assert "✓ critic      voted A" in text
    assert "· proposer    waiting" in text


async def test_the_persons_own_ballot_is_shown_too() -> None:
    decision = transcripts.decision()
    mine = Ballot("you", 1, transcripts.FILES.id)

    assert "✓ you         voted B" in await text_of(vote_panel(ballots=(*decision.ballots, mine)))


@pytest.mark.parametrize("width", WIDTHS)
async def test_hostile_text_is_shown_as_it_is_and_aligned(width: int) -> None:
    decision = transcripts.decision()
    everything = " ".join(HOSTILE)
    proposal = replace(
        decision.proposal, question=everything, eligible=HOSTILE,
        options=tuple(replace(o, text=everything + str(n)) for n, o in enumerate(decision.proposal.options)),
    )  # fmt: skip
    ballots = tuple(Ballot(name, 1, None, abstain=True) for name in HOSTILE)
    dissent = (Dissent("x", HOSTILE, 0.5, everything, HOSTILE[0], everything),)

    text = await text_of(vote_panel(proposal=proposal, ballots=ballots, dissent=dissent), width)
    route = await text_of(route_panel(agent=HOSTILE[1], reason=everything), width)

    assert "\x1b" not in text + route
    assert "\x07" not in text + route
    if width > 40:
        voters = [line for line in text.split("\n") if line.endswith("abstained")]
        assert len({cell_len(line) for line in voters}) == 1
        assert "[/b]" in text


async def test_unknown_costs_are_drawn_as_unknown() -> None:
    panel = CostSparkline(ascii_only=False)
    panel.costs = (0, 1, None, 4_200)

    text = await text_of(panel)

    assert text.split("\n")[1] == "▁▂?█"
    assert "sum $0.0042, most $0.0042, 1 unknown (?)" in text


async def test_only_unknown_costs_add_up_to_nothing_known() -> None:
    panel = CostSparkline()
    panel.costs = (None, None)

    text = await text_of(panel)

    assert "2 of unknown cost" in text
    assert "$0" not in text


async def test_the_sparkline_shows_the_last_thirty_turns() -> None:
    panel = CostSparkline(ascii_only=False)
    panel.costs = (9_000_000,) + (100,) * 30

    text = await text_of(panel)

    assert "last 30 turns" in text
    assert text.split("\n")[1] == "█" * 30


@pytest.mark.parametrize(
    ("spent", "reserved", "said"),
    [
        (0, 0, "0 %"),
        (3_000_000, 0, "60 %"),
        (3_900_000, 200_000, "82 % ! nearly used"),
        (5_000_000, 0, "100 % ! used up"),
        (5_000_000, 500_000, "110 % ! over"),
    ],
)
async def test_a_budget_warns_in_words(spent: int, reserved: int, said: str) -> None:
    panel = BudgetBar(ascii_only=False)
    panel.budget = Budget("day:2025-11-22", 5_000_000, spent, reserved)

    assert said in (await text_of(panel)).split("\n")[0]


async def test_a_budget_shows_booked_reserved_and_left_as_three_shapes() -> None:
    panel = BudgetBar(ascii_only=False)
    panel.budget = Budget("day:2025-11-22", 5_000_000, 3_610_000, 200_000)

    text = await text_of(panel, 80)

    assert all(shape in text for shape in "█▒·")
    assert "$3.61 booked, $0.20 reserved, $1.19 left of $5.00" in text


async def test_a_budget_without_a_cap_says_so() -> None:
    panel = BudgetBar()
    panel.budget = Budget("thread:abc", None, 2_100, 0)

    assert await text_of(panel) == "thread $0.0021 booked, no cap"


async def test_a_cap_of_nothing_is_used_up() -> None:
    panel = BudgetBar()
    panel.budget = Budget("day:x", 0, 0, 0)

    assert "used up" in await text_of(panel)


async def test_without_utf8_the_panels_are_ascii() -> None:
    cost = CostSparkline(ascii_only=True)
    cost.costs = (1, None, 0, 30)
    budget = BudgetBar(ascii_only=True)
    budget.budget = Budget("day:x", 100, 90, 5)

    for panel in (route_panel(ascii_only=True), vote_panel(ascii_only=True), cost, budget):
        assert (await text_of(panel)).isascii()


async def test_panels_follow_the_theme() -> None:
    panel = route_panel()
    app = PanelApp(panel)
    async with app.run_test(size=(42, 20)) as pilot:
        await pilot.pause()
        dark = panel.render_line(1)
        app.theme = "light"
        await pilot.pause()
        await pilot.pause()

        assert panel.render_line(1) != dark
        assert panel.render_line(1).text == dark.text


async def test_rankings_and_approvals_are_shown_by_letters() -> None:
    decision = transcripts.decision()
    first, second = (option.id for option in decision.proposal.options)
    ballots = (
        replace(decision.ballots[0], choice=None, ranking=(second, first)),
        replace(decision.ballots[1], choice=None, approvals=(first, second)),
    )

    text = await text_of(vote_panel(ballots=ballots))

    assert "voted B>A" in text
    assert "voted A+B" in text
