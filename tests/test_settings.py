"""One TOML file: what it says holds, what it says wrongly is named, with the line and the next step."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from autotime.domain.books import Matter
from autotime.domain.errors import Misused, NotSetUp
from autotime.domain.policy import Policy, Rounding
from autotime.settings import PolicySettings, Settings, config_path, home, load

ADA = '[[timekeepers]]\nid = "AOK"\nlast = "Okafor"\n'
BEA = '[[timekeepers]]\nid = "BLI"\nlast = "Lindqvist"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str) -> Settings:
    return load(written(folder, text), folder)


def complaint(folder: Path, text: str) -> str:
    """What is said of a file that is wrong; the next step is always the file."""
    with pytest.raises(Misused) as refused:
        loaded(folder, text)
    assert refused.value.hint == f"edit {folder / 'config.toml'}"
    assert refused.value.exit_code == 2
    return str(refused.value)


# -- where ----------------------------------------------------------------------------------------


def test_autotime_home_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, stores, locks and what is written for billing."""
    monkeypatch.setenv("AUTOTIME_HOME", str(tmp_path))
    written(tmp_path, ADA)
    settings = load()
    assert config_path() == tmp_path / "config.toml"
    assert settings.store_url("AOK") == f"sqlite:///{tmp_path / 'stores' / 'AOK.db'}"
    assert settings.outgoing() == tmp_path / "outgoing"


def test_without_it_the_home_is_where_the_system_keeps_such_things(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is none."""
    monkeypatch.setenv("AUTOTIME_HOME", "")
    assert home().name == "autotime"
    assert home().is_absolute()


def test_nothing_but_the_home_is_taken_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was set is visible in one place."""
    for name in ("AUTOTIME_STORE__URL", "AUTOTIME_STORE", "STORE_URL", "AUTOTIME_POLICY__INCREMENT_MINUTES"):
        monkeypatch.setenv(name, "15")
    assert loaded(tmp_path, ADA).store == Settings().store
    assert loaded(tmp_path, ADA).policy == PolicySettings()


def test_no_file_is_not_set_up(tmp_path: Path) -> None:
    """The next command makes one."""
    with pytest.raises(NotSetUp) as missing:
        load(tmp_path / "config.toml")
    assert missing.value.hint == "autotime init"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_of_any_editor_is_read(tmp_path: Path, ending: str, mark: str) -> None:
    """With a byte order mark and lines as Windows ends them, too."""
    (tmp_path / "config.toml").write_bytes((mark + ADA.replace("\n", ending)).encode())
    assert load(tmp_path / "config.toml", tmp_path).timekeeper().id == "AOK"


# -- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[policy]\nincrement = 6",
            "policy.increment (line 2): there is no such setting; did you mean «increment_minutes»?",
        ),
        ("[polici]\nminimum = 6", "polici (line 1): there is no such setting; did you mean «policy»?"),
        ("[firm]\nfax = 1", "firm.fax (line 2): there is no such setting; there are: name, tax_id, address, street, "),
        (
            "\n[policy.clients.NORTH]\n\nroundin = 1",
            "policy.clients.NORTH.roundin (line 4): there is no such setting; did you mean «rounding»?",
        ),
        (
            '[policy.matters."2026-001"]\nx = 1',
            "policy.matters.2026-001.x (line 2): there is no such setting; there are: ",
        ),
        (
            "[policy]\nincrement_minutes = 0",
            "policy.increment_minutes (line 2): Input should be greater than or equal to 1",
        ),
        ("[policy]\nincrement_minutes = 6.5", "policy.increment_minutes (line 2): Input should be a valid integer"),
        ('[policy]\nrounding = "down"', "policy.rounding (line 2): Input should be 'up' or 'exact'"),
        (
            ADA + 'zone = "Chicago"',
            "timekeepers.0.zone (line 4): «Chicago» is no IANA time zone, e.g. America/New_York",
        ),
        (ADA + BEA + 'zone = "/etc/passwd"', "timekeepers.1.zone (line 7): «/etc/passwd» is no IANA time zone"),
        (
            ADA + '[[timekeepers.zone_from]]\nbegins = 2026-04-01\nzone = "Mars"',
            "timekeepers.0.zone_from.0.zone (line 6): «Mars» is no IANA time zone",
        ),
        (ADA + 'zone_from = [{ begins = "soon", zone = "UTC" }]', "timekeepers.0.zone_from.0.begins (line 4): "),
        ('[[timekeepers]]\nid = "AOK"', "timekeepers.0.last (line 1): Field required"),
        ('[[timekeepers]]\nid = "../AOK"\nlast = "x"', "timekeepers.0.id (line 2): «../AOK» names files"),
        (ADA + 'emails = ["ada"]', "timekeepers.0.emails.0 (line 4): «ada» is no mail address"),
        (ADA + "rate = -1", "timekeepers.0.rate (line 4): Input should be greater than or equal to 0"),
        (ADA + BEA + ADA, "timekeepers (line 1): two timekeepers have the id «AOK»"),
        ('[store]\nkey = "paper"', "store.key (line 2): Input should be 'keyring' or 'file'"),
        ('[store]\nkey = "file"', 'store (line 1): key = "file" needs key_file, the path of the key file'),
        ('[firm]\ncurrency = "dollars"', "firm.currency (line 2): «dollars» is no currency of ISO 4217, e.g. USD"),
        ('[[sources]]\ntype = "mbox"', "sources.0.account (line 1): Field required"),
        (
            ADA + '[[sources]]\naccount = "m"\ntype = "mbox"\ntimekeeper = "BLI"',
            "sources (line 4): there is no timekeeper «BLI»; there are: AOK",
        ),
        ('[[sources]]\naccount = "m"\ntype = "ics"\n' * 2, "sources (line 1): two sources are called «ics m»"),
        ("[collect]\nsince = 2026-13-01", "is not valid TOML: "),
        ("[firm\nname = 1", "is not valid TOML: "),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """And with the word that was probably meant."""
    assert said in complaint(tmp_path, text)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """One line each."""
    said = complaint(tmp_path, "[policy]\nminimum = 0\nincrement_minutes = 61\n[stor]\n")
    assert len(said.splitlines()) == 3
    assert all(name in said for name in ("policy.minimum", "policy.increment_minutes", "stor (line 4)"))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """And not shown."""
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(Misused, match="not valid TOML"):
        load(tmp_path / "config.toml")


def test_settings_cannot_be_changed_once_read(tmp_path: Path) -> None:
    """A run uses one set of them from start to end."""
    with pytest.raises(ValueError, match="frozen"):
        loaded(tmp_path, ADA).policy.minimum = 1  # type: ignore[misc]


# -- whose ----------------------------------------------------------------------------------------


def test_the_only_timekeeper_need_not_be_named(tmp_path: Path) -> None:
    """Of several, one must be."""
    assert loaded(tmp_path, ADA).timekeeper().id == "AOK"
    both = loaded(tmp_path, ADA + BEA)
    assert both.timekeeper("BLI").last == "Lindqvist"
    with pytest.raises(Misused) as several:
        both.timekeeper()
    assert several.value.hint == "--timekeeper with one of: AOK, BLI"
    with pytest.raises(Misused, match="«XX»"):
        both.timekeeper("XX")


def test_nobody_is_not_set_up(tmp_path: Path) -> None:
    """The next command sets somebody up."""
    with pytest.raises(NotSetUp):
        loaded(tmp_path, "").timekeeper()


def test_a_timekeeper_is_as_the_file_says(tmp_path: Path) -> None:
    """Addresses in lower case, zones in the order of their days, money exact."""
    more = 'emails = [" Ada@Firm.example "]\nrate = "412.50"\nzone = "America/Chicago"\n'
    moves = '[[timekeepers.zone_from]]\nbegins = {}\nzone = "{}"\n'
    who = loaded(tmp_path, ADA + more + moves.format("2026-05-01", "UTC") + moves.format("2026-04-01", "Asia/Tokyo"))
    ada = who.timekeeper()
    assert (ada.emails, ada.rate) == (("ada@firm.example",), Decimal("412.50"))
    assert [ada.zone_on(date(2026, month, 15)) for month in (3, 4, 5)] == ["America/Chicago", "Asia/Tokyo", "UTC"]


def test_a_source_is_read_for_whom_it_belongs_to(tmp_path: Path) -> None:
    """Nobody in particular is everybody; what its type needs goes to the collector."""
    text = "".join(
        f'[[sources]]\naccount = "{name}"\ntype = "mbox"\npaths = ["~/mail"]\ntimekeeper = "{whose}"\n'
        for name, whose in (("all", ""), ("hers", "AOK"), ("his", "BLI"))
    )
    settings = loaded(tmp_path, ADA + BEA + text)
    assert [source.account for source in settings.sources_of("AOK")] == ["all", "hers"]
    assert settings.sources[0].options() == {"paths": ["~/mail"]}


def test_a_firms_store_is_a_server(tmp_path: Path) -> None:
    """One for all."""
    settings = loaded(tmp_path, '[store]\nurl = "postgresql+psycopg://ada@db.example/autotime"')
    assert settings.store_url("AOK") == settings.store_url("BLI") == "postgresql+psycopg://ada@db.example/autotime"


def test_what_is_written_for_billing_can_go_elsewhere(tmp_path: Path) -> None:
    """A tilde is the home of who runs it."""
    settings = loaded(tmp_path, '[billing]\nfolder = "~/invoices"\ntarget = "ledes"\n[billing.clients]\nSOLO = "csv"')
    assert settings.outgoing() == Path.home() / "invoices"
    matters = (Matter(number="1", name="a", client="SOLO"), Matter(number="2", name="b", client="NORTH"), None)
    assert [settings.billing.target_for(matter) for matter in matters] == ["csv", "ledes", "ledes"]


# -- policy ---------------------------------------------------------------------------------------


def test_without_settings_the_policy_is_the_domains() -> None:
    """Two places that must say the same."""
    assert PolicySettings().policy_for(None) == Policy()


def test_the_narrower_rule_holds(tmp_path: Path) -> None:
    """The firm's, then the matter's own increment, then the client's exception, then the matter's."""
    settings = loaded(
        tmp_path,
        "[policy]\nincrement_minutes = 6\n"
        '[policy.clients.NORTH]\nincrement_minutes = 15\nrounding = "exact"\n'
        '[policy.matters."2026-001"]\nincrement_minutes = 10\n',
    )

    def rule(matter: Matter | None) -> tuple[int, Rounding]:
        policy = settings.policy.policy_for(matter)
        return policy.increment_minutes, policy.rounding

    assert rule(None) == (6, Rounding.UP)
    assert rule(Matter(number="9", name="", increment=12)) == (12, Rounding.UP)
    assert rule(Matter(number="9", name="", client="NORTH", increment=12)) == (15, Rounding.EXACT)
    assert rule(Matter(number="2026-001", name="", client="NORTH")) == (10, Rounding.EXACT)
