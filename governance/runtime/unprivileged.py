"""Lets a command run by root hand PostgreSQL to an account without rights; knows no database."""

import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

# PostgreSQL refuses to run as root; this account exists on every system.
NAME = "nobody"


@dataclass(frozen=True)
class Account:
    """Whom a process runs as; `None` in both fields means: as the one who starts it."""

    uid: int | None = None
    gid: int | None = None

    @property
    def is_another(self) -> bool:
        return self.uid is not None

    def for_process(self) -> dict:
        """Gives the keywords of `subprocess.Popen` that make the process run as this account."""
        if not self.is_another:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.is_another:
            os.chown(path, self.uid, self.gid)


def account_for(data: Path) -> Account:
    """Finds whom PostgreSQL may run as: for root, the owner of its data or `nobody`."""
    if os.geteuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid)


def let_through(folder: Path, account: Account) -> None:
    """Lets the account walk through the folders above, without letting it list them."""
    if not account.is_another:
        return
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(f"Letting other accounts pass through {step} (chmod o+x).", file=sys.stderr)
            step.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def let_read(tree: Path, account: Account) -> None:
    """Lets the account read and run what lies in the tree, whatever the umask was."""
    if not account.is_another:
        return
    let_through(tree, account)
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | (mode & 0o500) >> 6
        if wanted != mode:
            path.chmod(wanted)


def make_private_folder(folder: Path, account: Account) -> None:
    """Makes a folder nobody else may enter, and refuses one that somebody else has made."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        found = folder.lstat()
        owner = account.uid if account.is_another else os.geteuid()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
            raise PermissionError(f"{folder} belongs to somebody else; remove it.") from None
        folder.chmod(0o700)
