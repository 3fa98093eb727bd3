"""Who may do what: the table of roles, what a device of some people sees, and how both are written."""

import re
from itertools import product

import pytest

from sync.domain import rights
from sync.domain.catalogue import Sensitivity
from sync.domain.keys import (
    CLOSING,
    COMMENT,
    DEADLINE,
    DEVICE,
    EVIDENCE,
    HOLIDAY,
    PROGRESS,
    STATUS,
    STEP,
    TASK,
    UNIT,
    VALUE,
    Key,
)
from sync.domain.rights import (
    HELD,
    TABLE,
    Action,
    Grant,
    Reach,
    Role,
    actions_of,
    allows,
    classes,
    fits,
    grants_content,
    grants_of,
    implied,
    limit_of,
    people_content,
    people_of,
    root,
    roots,
    unit_of,
)
from sync.domain.values import ContentError
from sync.domain.workflow import State, Status

VILLAGE, COMMUNE, DEPARTMENT, PROVINCE = "48.20308.001", "48.20308", "48.D01", "48"
PUBLIC, INTERNAL, SENSITIVE = Sensitivity
FIT = {
    Role.VILLAGE_ENTRY: {VILLAGE},
    Role.COMMUNE_ENTRY: {COMMUNE},
    Role.COMMUNE_APPROVAL: {COMMUNE},
    Role.DEPARTMENT_ENTRY: {DEPARTMENT},
    Role.PROVINCE_ASSIGNMENT: {PROVINCE},
    Role.PROVINCE_READING: {PROVINCE},
    Role.ADMINISTRATOR: {COMMUNE, PROVINCE},
    Role.AS_ENROLLED: set(),
}


def test_the_table_is_the_one_that_stands_in_words() -> None:
    assert rights.__doc__ is not None
    head, _, *lines = [line for line in rights.__doc__.splitlines() if line.startswith("|")]
    actions = [Action(name) for name in re.findall(r"\w+", head)[1:]]
    assert actions == list(Action)
    found: dict[Role, dict[Action, Reach]] = {}
    for line in lines:
        role, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found[Role(role)] = {action: Reach(cell) for action, cell in zip(actions, cells, strict=True) if cell}
    assert found == {role: dict(reaches) for role, reaches in TABLE.items()}


@pytest.mark.parametrize(("role", "unit"), list(product(Role, (VILLAGE, COMMUNE, DEPARTMENT, PROVINCE))))
def test_a_role_is_held_at_its_own_level(role: Role, unit: str) -> None:
    assert fits(role, unit) == (unit in FIT[role])


def test_a_right_ends_at_the_class_and_at_the_unit_where_it_is_held() -> None:
    grants = [Grant(Role.COMMUNE_ENTRY, COMMUNE, INTERNAL)]
    for unit, sensitivity, may in (
        (COMMUNE, "", True),
        (VILLAGE, INTERNAL, True),
        (VILLAGE, SENSITIVE, False),
        ("48.203081", PUBLIC, False),
        (PROVINCE, PUBLIC, False),
    ):
        assert allows(grants, Action.ENTER, unit, sensitivity) == may
    assert not allows([], Action.READ, COMMUNE)
    approval = [Grant(Role.COMMUNE_APPROVAL, COMMUNE, SENSITIVE)]
    assert allows(approval, Action.DECIDE, VILLAGE, SENSITIVE)
    assert not allows(approval, Action.DECIDE, COMMUNE, PUBLIC)


def test_what_several_roles_allow_is_allowed() -> None:
    both = [Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE), Grant(Role.COMMUNE_ENTRY, COMMUNE, PUBLIC)]
    assert allows(both, Action.ENTER, VILLAGE, SENSITIVE)
    assert allows(both, Action.ENTER, COMMUNE, PUBLIC)
    assert not allows(both, Action.ENTER, COMMUNE, INTERNAL)


@pytest.mark.parametrize(
    ("kind", "content", "actions"),
    [
        (VALUE, "1", (Action.ENTER,)),
        (PROGRESS, "{}", (Action.ENTER,)),
        (EVIDENCE, "{}", (Action.ENTER,)),
        (COMMENT, '"x"', (Action.COMMENT,)),
        (STATUS, Status(State.SUBMITTED).content(), (Action.SUBMIT,)),
        (STATUS, Status(State.RETURNED).content(), (Action.DECIDE,)),
        (STATUS, Status(State.REOPENED).content(), (Action.DECIDE,)),
        (STATUS, Status(State.APPROVED, "d1").content(), (Action.DECIDE,)),
        (TASK, '"x"', (Action.ASSIGN, Action.ENTER)),
        (STEP, '"x"', (Action.ASSIGN, Action.ENTER)),
        (DEADLINE, "null", (Action.OPEN,)),
        (CLOSING, "true", (Action.CLOSE,)),
        (UNIT, "{}", (Action.ESTABLISH,)),
        (HOLIDAY, "{}", (Action.ADMINISTER,)),
        (DEVICE, "{}", ()),
        ("something", "1", ()),
    ],
)
def test_every_change_does_one_thing(kind: str, content: str, actions: tuple[Action, ...]) -> None:
    assert actions_of(Key(kind, VILLAGE), content) == actions


def test_a_root_names_its_unit_and_the_last_class_that_is_seen() -> None:
    assert [root(COMMUNE, one) for one in Sensitivity] == ["48.20308:public", "48.20308:internal", "48.20308"]
    for one in Sensitivity:
        named = root(COMMUNE, one)
        assert (unit_of(named), limit_of(named)) == (COMMUNE, one)
    assert classes(INTERNAL) == ("", PUBLIC, INTERNAL)
    with pytest.raises(ValueError, match="secret"):
        limit_of("48:secret")


def test_a_device_sees_what_any_of_its_people_may_read_each_subtree_once() -> None:
    entry, other = Grant(Role.VILLAGE_ENTRY, VILLAGE, INTERNAL), Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE)
    commune = Grant(Role.COMMUNE_APPROVAL, COMMUNE, PUBLIC)
    administrator = Grant(Role.ADMINISTRATOR, PROVINCE, SENSITIVE)
    assert roots({}) == roots({"An": ()}) == roots({"An": (administrator,)}) == ()
    assert roots({"An": (entry,)}) == (f"{VILLAGE}:internal",)
    assert roots({"An": (entry,), "Bình": (other,)}) == (VILLAGE,)
    # What nobody there may see of the other villages does not come with what one may see of this one.
    assert roots({"An": (other,), "Bình": (commune,)}) == (f"{COMMUNE}:public",)


def test_an_older_device_does_what_its_scope_implied() -> None:
    grants = implied((COMMUNE,))
    assert {action for action in Action if allows(grants, action, VILLAGE, SENSITIVE)} == {
        Action.READ,
        Action.ENTER,
        Action.COMMENT,
        Action.SUBMIT,
        Action.DECIDE,
        Action.ASSIGN,
    }
    assert Role.AS_ENROLLED not in HELD


def test_grants_are_written_one_way_and_read_back() -> None:
    grants = (Grant(Role.VILLAGE_ENTRY, VILLAGE, SENSITIVE), Grant(Role.COMMUNE_ENTRY, COMMUNE, PUBLIC))
    assert grants_content(grants) == grants_content((*reversed(grants), grants[0]))
    assert set(grants_of(grants_content(grants))) == set(grants)
    people = {"Bình": grants[:1], "An": ()}
    assert dict(people_of(people_content(people))) == people


@pytest.mark.parametrize("content", ["", "1", "null", "{}", "[1]", "[[]]", '[["administrator","48"]]', "[" * 9_000])
def test_what_are_no_grants_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        grants_of(content)


@pytest.mark.parametrize("content", ["", "[]", "null", '{"An":1}', '{"An":[["administrator"]]}', "{" * 9_000])
def test_what_are_no_people_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        people_of(content)


@pytest.mark.parametrize(
    "grant",
    [
        '["emperor","48","public"]',
        '["administrator","48","secret"]',
        '["as_enrolled","48","public"]',
        '["administrator","48.20308.001","public"]',
    ],
)
def test_what_a_newer_program_or_a_forger_names_gives_nothing(grant: str) -> None:
    assert grants_of(f"[{grant}]") == ()
