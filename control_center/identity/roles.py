"""Roles, and the rights that each carries. A route names the right it asks for, never a role."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    ENTER = "enter"  # the tree of centers and the overview: whoever works here
    SEE_CAMERAS = "see_cameras"  # cameras and their states
    WATCH = "watch"  # live pictures
    PLAYBACK = "playback"  # recorded footage
    READ = "read"  # alerts, the records behind them, the board
    LOOK_UP = "look_up"  # single records and plates, among lists and reference databases
    DECIDE = "decide"  # an alert's next step
    OVERRULE = "overrule"  # take back a colleague's dismissal
    LOCK_EVIDENCE = "lock_evidence"  # keep footage from being purged
    RELEASE_EVIDENCE = "release_evidence"  # let go of what is locked
    CONFIGURE = "configure"  # how a camera is recorded: transport, sound, retention
    REGISTER = "register"  # cameras: find, register, change, import, check
    CONTROL_PTZ = "steer"  # a camera's head: move, presets, home
    LEND = "lend"  # let somebody from elsewhere work here for a time
    AUDIT = "audit"  # the audit trail and the data-protection report
    ADMINISTER = "administer"  # accounts, roles, sessions


class Role(StrEnum):
    OPERATOR = "operator"
    SENIOR_OPERATOR = "senior_operator"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


_CAMERAS = frozenset({Right.ENTER, Right.SEE_CAMERAS, Right.WATCH})
_RECORDS = frozenset({Right.ENTER, Right.SEE_CAMERAS, Right.PLAYBACK, Right.READ})

# Who administers sees no records and no footage, and who audits changes nothing: no role does everything.
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: _CAMERAS | _RECORDS | {Right.DECIDE, Right.LOCK_EVIDENCE, Right.CONTROL_PTZ},
    Role.SENIOR_OPERATOR: _CAMERAS | _RECORDS | {Right.DECIDE, Right.OVERRULE, Right.LOCK_EVIDENCE, Right.CONTROL_PTZ},
    Role.ANALYST: _RECORDS | {Right.LOOK_UP},
    Role.SUPERVISOR: _CAMERAS
    | _RECORDS
    | {
        Right.LOOK_UP,
        Right.DECIDE,
        Right.OVERRULE,
        Right.LOCK_EVIDENCE,
        Right.RELEASE_EVIDENCE,
        Right.CONFIGURE,
        Right.REGISTER,
        Right.CONTROL_PTZ,
        Right.LEND,
    },
    Role.TECHNICIAN: _CAMERAS | {Right.REGISTER},
    Role.AUDITOR: frozenset({Right.ENTER, Right.AUDIT}),
    Role.ADMINISTRATOR: frozenset({Right.ENTER, Right.LEND, Right.ADMINISTER}),
}

# Work that somebody from elsewhere may be lent for. Oversight and administration are not lent.
LENDABLE = frozenset({Role.OPERATOR, Role.SENIOR_OPERATOR, Role.ANALYST, Role.TECHNICIAN})

# What a locked console goes on with: a wall of pictures is never blanked. All else waits for its person.
KEPT_WHILE_LOCKED = frozenset({Right.ENTER, Right.SEE_CAMERAS, Right.WATCH})

# What a program may be given: it reads. Deciding, lending and administering are a person's.
TOKEN_RIGHTS = frozenset({Right.ENTER, Right.SEE_CAMERAS, Right.WATCH, Right.PLAYBACK, Right.READ, Right.AUDIT})
