"""What ``recarga explore`` does, and what it says of it."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from sim.audit.planted_bugs import CATALOGUE
from sim.cli.exploration_display import ExplorationDisplay
from sim.cli.exploration_summary import settings_line, summary
from sim.cli.terminal import CommandError, ExitCode, console, say
from sim.explore.exploration import Plan, explore
from sim.explore.failing_run import KeptRun, Shrunk, keep_run, shrink
from sim.explore.one_seed import explicit
from sim.explore.outcome import SeedOutcome
from sim.explore.planted import Hunt, Hunted
from sim.explore.seeds import parse_seeds
from sim.explore.tally import Tally
from sim.explore.twice import explore_twice
from sim.explore.worker_process import Interpreter
from sim.explore.workers import Workers
from sim.run_folder import RunFolder
from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploring:
    """One call of the command."""

    scenario: Path
    changes: Sequence[str]
    workers: int
    through_api_share: float | None
    planted: str | None
    out: Path | None
    again: str
    """The command that explores the same, but for the seeds."""
    json: bool

    def seeds(self, text: str, *, keep_going: bool, shrink_s: float | None) -> ExitCode:
        """Explore; keep, shrink and tell the lowest seed that failed. ``shrink_s``: None: it is not shrunk."""
        loaded, seeds = self._load(), parse_seeds(text)
        folder = None if self.out is None else self._folder(loaded, seeds[0])
        plan = Plan(loaded.resolved, seeds, keep_going, self.through_api_share)
        tally = Tally()
        with Workers(self.workers, Interpreter(planted=self.planted)) as workers:
            try:
                lowest = self._play(plan, workers, tally)
            finally:  # also what was played until somebody or something ended it
                self._sum_up(tally)
            if lowest is None:
                return ExitCode.PASS
            kept = self._keep(workers, plan, lowest, folder or self._folder(loaded, lowest.seed))
            if shrink_s is not None:
                self._shrink(workers, kept, shrink_s)
        return ExitCode.VIOLATION

    def _play(self, plan: Plan, workers: Workers, tally: Tally) -> SeedOutcome | None:
        """Play all seeds and add them up; return the lowest that failed. Raises ``WorkerDied``."""
        lowest: SeedOutcome | None = None
        with ExplorationDisplay(json=self.json) as display:
            display.phase("seed", len(plan.seeds))
            for outcome in explore(plan, workers):
                tally.add(outcome)
                if outcome.failed:
                    display.print(f"seed {outcome.seed}: {outcome.first_failure}")
                    lowest = outcome if lowest is None or outcome.seed < lowest.seed else lowest
                display.step(_so_far(tally), **_of_seed(outcome))
        return lowest

    def planted_bugs(self, text: str | None) -> ExitCode:
        """Look for every planted bug that the scenario is made for, those of trips or the others; print the table."""
        loaded = self._load()
        hunt = Hunt(loaded.resolved, None if text is None else parse_seeds(text), self.through_api_share, self.workers)
        bugs = [bug for bug in CATALOGUE if bug.needs_trips == _makes_trips(loaded.scenario)]
        found: dict[str, Hunted] = {}
        with ExplorationDisplay(json=self.json) as display, closing(hunt.run(bugs)) as hunts:
            display.phase("bug", len(bugs))
            for hunted in hunts:
                found[hunted.name] = hunted
                if not self.json:
                    display.step(f"{hunted.name} {'found' if hunted.found else 'NOT FOUND'}")
        rows = [found[bug.name] for bug in bugs]
        if self.json:
            say(event="result", planted=[hunted.to_json() for hunted in rows])
        else:
            console().print(_table(rows))
            console().print(f"{sum(hunted.found for hunted in rows)} of {len(rows)} planted bugs found")
        return ExitCode.PASS if all(hunted.found for hunted in rows) else ExitCode.VIOLATION

    def twice(self, text: str, python: str | None) -> ExitCode:
        """Play every seed twice and compare."""
        loaded, seeds = self._load(), parse_seeds(text)
        plan = Plan(loaded.resolved, seeds, through_api_share=self.through_api_share)
        differing: list[int] = []
        with (
            ExplorationDisplay(json=self.json) as display,
            closing(explore_twice(plan, self.workers, python, self.planted)) as playings,
        ):
            display.phase("playing", 2 * len(seeds))
            for played in playings:
                if not played.same:
                    differing.append(played.outcome.seed)
                    display.print(f"seed {played.outcome.seed}: came to something else the second time")
                display.step(
                    f"{len(differing)} differ", **_of_seed(played.outcome), round=played.round, same=played.same
                )
        if self.json:
            say(event="result", seeds=len(seeds), differing=sorted(differing))
        else:
            console().print(f"{len(differing)} of {len(seeds)} differ")
        return ExitCode.VIOLATION if differing else ExitCode.PASS

    def _load(self) -> LoadedScenario:
        return load_scenario(self.scenario, self.changes)

    def _folder(self, loaded: LoadedScenario, seed: int) -> RunFolder:
        try:
            return RunFolder.unused(self.out, f"{loaded.scenario.name}-seed{seed}")
        except FileExistsError as error:
            raise CommandError(str(error)) from error

    def _sum_up(self, tally: Tally) -> None:
        if self.json:
            say(event="summary", **tally.to_json())
            return
        for line in summary(tally):
            console().print(line)

    def _keep(self, workers: Workers, plan: Plan, failed: SeedOutcome, folder: RunFolder) -> KeptRun:
        """Play the failing seed once more, into its folder."""
        command = f"{self.again} --seeds {failed.seed}"
        kept = keep_run(workers, failed.seed, explicit(plan.task(failed.seed)), folder.path, command)
        same = kept.outcome.same_as(failed)
        if self.json:
            say(event="failure", folder=str(folder.path), same=same, **failed.to_json())
            return kept
        console().print(f"seed {failed.seed} fails: {failed.first_failure}")
        console().print(f"  its run is in {folder.path}; replay it: recarga replay {folder.path}")
        if not same:
            console().print(
                f"  playing it again came to something else ({kept.outcome.trace_hash}): it is not deterministic"
            )
        return kept

    def _shrink(self, workers: Workers, kept: KeptRun, for_s: float) -> None:
        if not kept.outcome.failed:
            return
        if not self.json:
            console().print("shrinking it …")
        small = shrink(workers, kept, kept.outcome.signatures[0], f"{self.again} --seeds {kept.outcome.seed}", for_s)
        if self.json:
            sizes = {"before": kept.sizes(), "after": small.run.sizes()}
            say(event="shrunk", folder=str(small.run.folder), tries=small.tries, **sizes, story=small.story)
            return
        for line in shrunk_lines(kept, small):
            console().print(line)


def _so_far(tally: Tally) -> str:
    hours = tally.virtual_s / 3_600
    return (
        f"{len(tally.failed)} failed, {hours:,.1f} virtual h, {tally.times_the_clock:,.0f} x the clock per CPU-second"
    )


def _of_seed(outcome: SeedOutcome) -> dict[str, Any]:
    return {
        "seed": outcome.seed,
        "verdict": outcome.verdict,
        "trace_hash": outcome.trace_hash,
        "failure": outcome.first_failure if outcome.failed else None,
        "virtual_s": round(outcome.virtual_s, 3),
        "cpu_s": round(outcome.cpu_s, 3),
    }


def shrunk_lines(kept: KeptRun, small: Shrunk) -> list[str]:
    """Return how much smaller it became, how to replay it, and its story, for people."""
    before, after = kept.sizes(), small.run.sizes()
    sizes = ", ".join(f"{name} {before[name]:,.0f} -> {after[name]:,.0f}" for name in before)
    folder = small.run.folder
    return [
        f"  shrunk in {small.tries} tries: {sizes}",
        *settings_line(small.run.data),
        f"  the smallest is in {folder}; replay it: recarga replay {folder}",
        "",
        *small.story,
    ]


def _table(rows: Sequence[Hunted]) -> Table:
    table = Table("bug", "promise", "seeds", "budget", "CPU s", "found", "broke", box=None)
    for hunted in rows:
        found = "yes" if hunted.found else "NO"
        broke = hunted.error.splitlines()[0] if hunted.error else ", ".join(hunted.broke[:3])
        numbers = (str(hunted.seeds), str(hunted.budget_seeds), f"{hunted.cpu_s:.1f}")
        table.add_row(hunted.name, hunted.promise, *numbers, found, broke)
    return table


def _makes_trips(scenario: Scenario) -> bool:
    return any(each.trip_share > 0 for each in scenario.fleet.classes)
