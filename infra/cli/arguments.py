"""The subcommands of `sendalong`, their options and their help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from domain.contracts import DisputeReason
from domain.disputing.rules import APPEALS_SKILL
from domain.holds.bulk import PER_MINUTE, BulkAction
from infra.cli import attention_arguments, override_arguments, role_arguments, values
from infra.cli.audit_arguments import add_actions as add_audit_actions
from infra.cli.proof_arguments import add_actions as add_proof_actions
from infra.cli.role_arguments import ROLES

SKILLS = (*(reason.value for reason in DisputeReason), APPEALS_SKILL)
"""What agents may know well: reasons of disputes, and verdicts that were appealed."""
TOKEN_DAYS = 90
"""Life of a token unless another is named."""
ROWS = 50
"""Lines of a list unless another number is named."""
NEWS_STATES_KEPT = ("waiting", "dead")
NEWS_STATES = ("new", "told", "seen", *NEWS_STATES_KEPT)
"""What can have become of an event of the payment provider."""

Subcommands = argparse._SubParsersAction  # noqa: SLF001 -- It has no public name.


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="sendalong",
        description="Run Sendalong on this machine and look after it.",
        epilog="DATABASE_URL and TEMPORAL_ADDRESS name real servers instead of the embedded ones.",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_up(commands)
    _add_demo(commands)
    _add_reset(commands)
    _add_migrate(commands)
    _add_token(commands)
    _add_role(commands)
    _add_messages(commands)
    _add_check(commands)
    _add_audit(commands)
    _add_proof(commands)
    _add_keys(commands)
    _add_webhooks(commands)
    _add_reconcile(commands)
    _add_attention(commands)
    _add_bank(commands)
    _add_override(commands)
    _add_bulk(commands)
    _add_builds(commands)
    _add_robo(commands)
    return top


def _add_up(commands: Subcommands[argparse.ArgumentParser]) -> None:
    up = _command(
        commands,
        "up",
        "start everything and keep it running until Ctrl-C",
        "Starts PostgreSQL, Temporal with its Web UI, the worker and the API, waits until each "
        "is ready, and watches them. Ctrl-C stops them in order; starting again goes on where "
        "every delivery was.",
    )
    for name, number, title in (
        ("api", 8080, "the REST API"),
        ("temporal", 7233, "Temporal"),
        ("ui", 8233, "the Web UI of Temporal"),
        ("internal", 8081, "documentation and metrics of the API"),
        ("codec", 8234, "the codec server, which the Web UI reads encrypted payloads through"),
    ):
        up.add_argument(
            f"--port-{name}",
            type=values.port,
            metavar="PORT",
            help=f"port of {title} on 127.0.0.1 (default: {number})",
        )
    up.add_argument(
        "--free-ports", action="store_true", help="choose free ports where none is named"
    )


def _add_demo(commands: Subcommands[argparse.ArgumentParser]) -> None:
    _command(
        commands,
        "demo",
        "play four deliveries through the REST API and show what happened",
        "Starts everything on free ports, plays a happy delivery, a cancelled one, a disputed one and "
        "one that is charged back, with short windows, and prints timelines, ledger, invariants and "
        "Web UI links.",
    )


def _add_reset(commands: Subcommands[argparse.ArgumentParser]) -> None:
    reset = _command(
        commands,
        "reset",
        "remove every delivery, key and log of the local stack",
        "Empties the data folder. Refuses while the stack is running.",
    )
    reset.add_argument("--yes", action="store_true", help="do not ask")


def _add_migrate(commands: Subcommands[argparse.ArgumentParser]) -> None:
    _command(
        commands,
        "migrate",
        "bring the database to the newest schema",
        "Creates the database when it is missing and applies every migration that it lacks, in "
        "DATABASE_URL or in the running local stack. `up` does this by itself.",
    )


def _add_token(commands: Subcommands[argparse.ArgumentParser]) -> None:
    token = _command(
        commands,
        "token",
        "create a person with a bearer token, or another token, or revoke a person's tokens",
        "Prints the token on standard output, this once, and the person's id on standard error. "
        "With --revoke, makes every token of the person useless at once and prints how many.",
    )
    who = token.add_mutually_exclusive_group(required=True)
    who.add_argument("--name", type=values.name, help="name of the new person, as others see it")
    who.add_argument("--person", metavar="ID", help="id of a person who exists already")
    who.add_argument(
        "--revoke", metavar="PERSON_ID", help="id of a person whose tokens must not work any more"
    )
    token.add_argument(
        "--role",
        action="append",
        choices=ROLES,
        default=None,
        dest="roles",
        help="what the new person may do; repeat it for several (default: customer)",
    )
    token.add_argument(
        "--skill",
        action="append",
        choices=SKILLS,
        default=None,
        dest="skills",
        help="disputes that the new agent is asked about first; repeat it for several",
    )
    token.add_argument(
        "--email", type=values.email, help="where messages go when there is no phone number"
    )
    token.add_argument(
        "--phone", type=values.phone, help="phone number as +34600000001; text messages go there"
    )
    token.add_argument(
        "--payout-account",
        metavar="TOKEN",
        help="the payment provider's token of a traveler's account (default: one of the sandbox, if that is chosen)",
    )
    token.add_argument(
        "--days",
        type=values.days,
        default=TOKEN_DAYS,
        help=f"life of the token in days (default: {TOKEN_DAYS})",
    )


def _add_role(commands: Subcommands[argparse.ArgumentParser]) -> None:
    role = _command(commands, "role", role_arguments.TITLE, role_arguments.ABOUT)
    role_arguments.add_options(role)


def _add_messages(commands: Subcommands[argparse.ArgumentParser]) -> None:
    messages = _command(
        commands,
        "messages",
        "list the messages that were stored instead of sent",
        "Shows what people would have got by phone or mail about one delivery or at one address, "
        "oldest first: with SENDALONG_SMS and SENDALONG_MAIL at `stored`, nothing leaves this "
        "machine.",
    )
    which = messages.add_mutually_exclusive_group(required=True)
    which.add_argument("delivery", nargs="?", metavar="DELIVERY", help="id of the delivery")
    which.add_argument("--to", metavar="ADDRESS", help="e-mail address or phone number")


def _add_check(commands: Subcommands[argparse.ArgumentParser]) -> None:
    _command(
        commands,
        "check",
        "check the invariants of money, codes and audit trail",
        "Exit code 0 when every invariant holds, 1 when one is broken or cannot be checked.",
    )


def _add_audit(commands: Subcommands[argparse.ArgumentParser]) -> None:
    title = "verify what was written for ever, and prove it to others"
    about = "Verifies the chains of events and entries and the signed roots over them."
    add_audit_actions(_command(commands, "audit", title, about))


def _add_proof(commands: Subcommands[argparse.ArgumentParser]) -> None:
    title = "verify proof documents, and show the keys for it"
    about = "Verifies what parties and support download about a delivery; it needs no network."
    add_proof_actions(_command(commands, "proof", title, about))


def _add_webhooks(commands: Subcommands[argparse.ArgumentParser]) -> None:
    webhooks = _command(
        commands,
        "webhooks",
        "look after what the payment provider reported",
        "Lists events that wait or were given up, with the reason, and lets them be tried again.",
    )
    actions = webhooks.add_subparsers(
        title="actions", metavar="ACTION", required=True, dest="action"
    )
    listing = actions.add_parser("list", help="list events, the newest first")
    listing.add_argument(
        "--state", choices=NEWS_STATES, help="what became of them (default: waiting and dead)"
    )
    listing.add_argument(
        "--limit", type=values.rows, default=ROWS, help=f"events at most (default: {ROWS})"
    )
    replay = actions.add_parser("replay", help="try events again that wait or were given up")
    replay.add_argument("event", nargs="*", metavar="EVENT", help="id of an event")
    replay.add_argument(
        "--state", choices=NEWS_STATES_KEPT, help="every event in this state instead"
    )


def _add_reconcile(commands: Subcommands[argparse.ArgumentParser]) -> None:
    _command(
        commands,
        "reconcile",
        "compare the payment provider's statement with the ledger now",
        "Asks a running worker for what it does every hour, waits for it and prints what was found. "
        "Exit code 0 when nothing needs attention, 1 when something does or nothing was compared.",
    )


def _add_attention(commands: Subcommands[argparse.ArgumentParser]) -> None:
    title = "look after what people must look at besides parked steps"
    about = (
        "Lists what reconciliation and others have found, with the advised repair, and settles it."
    )
    attention_arguments.add_actions(_command(commands, "attention", title, about))


def _add_override(commands: Subcommands[argparse.ArgumentParser]) -> None:
    title, about = override_arguments.TITLE, override_arguments.ABOUT
    override_arguments.add_options(_command(commands, "override", title, about))


def _add_bulk(commands: Subcommands[argparse.ArgumentParser]) -> None:
    bulk = _command(
        commands,
        "bulk",
        "freeze or resume every delivery that a filter finds",
        "Orders it from a running worker, each delivery once and at a bounded rate, and prints its "
        "progress. Exit code 0 when none refused.",
    )
    bulk.add_argument("action", choices=[str(action) for action in BulkAction])
    bulk.add_argument("--query", required=True, help="a filter of the list of workflows")
    bulk.add_argument("--reason", type=values.remark, required=True, help="why, without names")
    bulk.add_argument(
        "--by", type=values.known_id, required=True, metavar="ID", help="your own id as an operator"
    )
    bulk.add_argument(
        "--per-minute", type=int, default=PER_MINUTE, help=f"at the most (default: {PER_MINUTE})"
    )
    bulk.add_argument("--count", action="store_true", help="only say how many match")


def _add_bank(commands: Subcommands[argparse.ArgumentParser]) -> None:
    bank = _command(
        commands,
        "bank",
        "play the customer's bank at the sandbox provider",
        "Takes a payment back or asks about it, and decides: events of it then reach the platform.",
    )
    actions = bank.add_subparsers(title="actions", metavar="ACTION", required=True, dest="action")
    dispute = actions.add_parser("dispute", help="take the payment of a delivery back")
    dispute.add_argument("delivery", metavar="DELIVERY", help="id of the delivery")
    dispute.add_argument("--inquiry", action="store_true", help="only ask; no money moves")
    dispute.add_argument(
        "--amount", type=values.minor, help="in minor units (default: what is left)"
    )
    dispute.add_argument("--reason", default="fraudulent", help="(default: fraudulent)")
    decide = actions.add_parser("decide", help="decide for the platform (won) or not (lost)")
    escalate = actions.add_parser("escalate", help="make a question a dispute: the money is taken")
    close = actions.add_parser("close", help="end a question without taking money")
    for action in (decide, escalate, close):
        action.add_argument("dispute", metavar="DISPUTE", help="id that `dispute` has printed")
    decide.add_argument("outcome", choices=("won", "lost"))


def _add_builds(commands: Subcommands[argparse.ArgumentParser]) -> None:
    title = "list the builds of the workers, or choose which of them does the work"
    about = "Deliveries go on with the chosen build from their next step on."
    command = _command(commands, "builds", title, about)
    command.add_argument("--use", metavar="BUILD", help="make this build the current one")


def _add_keys(commands: Subcommands[argparse.ArgumentParser]) -> None:
    title = "list the key-encryption keys, renew the current one, or encrypt what is in clear"
    keys = _command(commands, "keys", title, "See docs/encryption.md.")
    keys.add_argument("action", choices=("list", "rotate", "encrypt"))


def _add_robo(commands: Subcommands[argparse.ArgumentParser]) -> None:
    title = "let robots play scenarios through the REST API, and check how they end"
    about = (
        "Plays on the running stack, or on one of its own. Exit code 0 when all ends as it should."
    )
    robo = _command(commands, "robo", title, about)
    robo.add_argument("--scenario", default="happy", help="its name, or all (default: happy)")
    robo.add_argument(
        "--speed", type=values.speed, default=10, help="1 is a person's pace (default: 10)"
    )
    robo.add_argument("--list", action="store_true", help="only name the scenarios")


def _command(
    commands: Subcommands[argparse.ArgumentParser], name: str, title: str, description: str
) -> argparse.ArgumentParser:
    """Add a subcommand that is carried out by the function `run` of the module of its name."""
    command = commands.add_parser(name, help=title, description=description)
    command.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="data folder (default: SENDALONG_DATA, else .data in the project)",
    )
    command.set_defaults(run=_module_of(name))
    return command


def _module_of(name: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        code: int = import_module(f"infra.cli.{name}").run(options)
        return code

    return run
