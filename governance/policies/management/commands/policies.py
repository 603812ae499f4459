"""`manage.py policies export|import FOLDER`: policies as files, so that they can live in git."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from governance.accounts.models import User
from governance.policies import files


class Command(BaseCommand):
    help = "Writes the policies in force to a folder, or takes the files of a folder as drafts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        export = acts.add_parser("export", help="write every policy in force as <name>.yaml")
        export.add_argument("folder", type=Path)
        taking = acts.add_parser("import", help="take every <name>.yaml as a draft")
        taking.add_argument("folder", type=Path)
        taking.add_argument("--check", action="store_true", help="only say what is wrong")
        taking.add_argument("--user", default="", help="in whose name the drafts are written")
        taking.add_argument(
            "--publish-as",
            default="",
            metavar="USER",
            help="a second policy editor, in whose name they are reviewed and published",
        )

    def handle(self, *, act: str, folder: Path, **options: object) -> None:
        if act == "export":
            return self._export(folder)
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        found, unreadable = files.read_folder(folder)
        problems = unreadable or files.check_files(found)
        if problems:
            self._refuse(problems)
        if options["check"]:
            self.stdout.write(f"{len(found)} files, no problem.")
            return None
        return self._import(found, str(options["user"]), str(options["publish_as"]))

    def _export(self, folder: Path) -> None:
        for path in files.write_folder(folder):
            self.stdout.write(f"{path.name} written")

    def _import(self, found: list[files.PolicyFile], author: str, publisher: str) -> None:
        if not author:
            raise CommandError("Say with --user in whose name the drafts are written.")
        done, refused = files.import_files(
            found, author=_person(author), publisher=_person(publisher) if publisher else None
        )
        for one in done:
            self.stdout.write(str(one))
        if refused:
            self._refuse(refused)

    def _refuse(self, problems: list[files.Told]) -> None:
        for one in problems:
            self.stderr.write(str(one))
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise CommandError(f"{count}.", returncode=1)


def _person(username: str) -> User:
    try:
        return User.objects.get(username=username, is_active=True)
    except User.DoesNotExist:
        raise CommandError(f"There is no active user {username}.") from None
