"""Takes rights away from the process that calls it, as far as the system lets it; says what is in force.

Nothing taken away comes back. Each measure stands alone: where one is missing (another system, an
old kernel, a container that forbids it) the others still hold, and `confine` leaves it out of its answer.
"""

import ctypes
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

MEGABYTE = 1024 * 1024
NO_NEW_PRIVILEGES, DEATH_SIGNAL, NOT_DUMPABLE, SECCOMP = 38, 1, 4, 22


def confine(
    readable: Iterable[str], *, seconds: int, die_with_parent: bool = True
) -> list[str]:
    """Confines this process to reading the folders named; returns the measures in force, as words.

    Call it while the process has one thread. `seconds` bounds the processor's time; memory is
    bounded by `bound_memory`, once the libraries are loaded.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    bound_resources(seconds)
    if sys.platform != "linux":
        return ["limits on time, files and their size", refuse_sockets()]
    if die_with_parent:
        libc.prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    libc.prctl(NOT_DUMPABLE, 0, 0, 0, 0)
    may_filter = libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    measures = [
        unshare(libc),
        keep_to_folders(libc, readable) if may_filter else "",
        filter_calls(libc) if may_filter else "",
        "limits on time, files and their size",
    ]
    if not (measures[0] or measures[2]):
        measures.append(refuse_sockets())
    return [measure for measure in measures if measure]


def bound_resources(seconds: int) -> None:
    """Bounds the processor's time, open files, written bytes and processes; no core is dumped."""
    # a soft limit below the hard one, so that the signal tells what ended the process
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 5))
    wanted = {
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 512,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _lower(kind, most)


def bound_memory(megabytes: int, status: str) -> None:
    """Ends growth at twice so much; `status` is the text of /proc/self/status.

    The system bounds what is reserved, and runtimes reserve in steps that double. Whoever follows
    the process ends it at what it really holds; this is for growth faster than it is followed.
    """
    reserved = memory(status, "VmSize") - memory(status, "VmRSS")
    _lower(resource.RLIMIT_AS, reserved + 2 * megabytes * MEGABYTE)


def memory(status: str, name: str) -> int:
    """One figure of /proc/self/status in bytes; 0 when it is not told."""
    for line in status.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def _lower(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (bound, bound))


# namespaces

NEW_USER, NEW_NETWORK, NEW_IPC = 0x10000000, 0x40000000, 0x08000000


def unshare(libc: ctypes.CDLL) -> str:
    """A network of its own, without any card but a loopback that is down."""
    if libc.unshare(NEW_USER | NEW_NETWORK | NEW_IPC) == 0:
        return "a network namespace of its own, without a network"
    return ""


# Landlock: what of the file system may be touched

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
# How many rights over files each version of the interface knows, from version 1 on.
RIGHTS_OF_VERSION = [0, 13, 14, 15, 15, 16]


def keep_to_folders(libc: ctypes.CDLL, readable: Iterable[str]) -> str:
    """Lets the process read what is named and nothing else; it writes nowhere."""
    version = libc.syscall(LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return ""
    rights = (1 << RIGHTS_OF_VERSION[min(version, len(RIGHTS_OF_VERSION) - 1)]) - 1
    attributes = struct.pack(
        "QQQ", rights, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(LANDLOCK_CREATE, attributes, size, 0)
    if ruleset < 0:
        return ""
    for path in readable:
        _let_read(libc, ruleset, path)
    kept = libc.syscall(LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return "Landlock: reads its own folder and the libraries, writes nothing" if kept else ""


def _let_read(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = READ_FILE | (READ_FOLDER if Path(path).is_dir() else 0)
    libc.syscall(LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", rights, handle), 0)
    os.close(handle)


def libraries() -> list[str]:
    """Where this interpreter and what it imports lie, and what they look at when they start."""
    own = {sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)}
    system = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64"]
    looked_at = ["/etc/ld.so.cache", "/dev/null", "/dev/urandom"]
    hardware = ["/proc/cpuinfo", "/sys/devices/system/cpu"]
    return [*sorted(own), *system, *looked_at, *hardware]


# seccomp: which calls of the kernel are refused

# AUDIT_ARCH of the machine, and the numbers of the calls there.
REFUSED_CALLS = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "bind": 49, "listen": 50, "socketpair": 53,
            "fork": 57, "vfork": 58, "execve": 59, "ptrace": 101, "mount": 165,
            "keyctl": 250, "unshare": 272, "setns": 308, "process_vm_readv": 310,
            "process_vm_writev": 311, "bpf": 321, "execveat": 322, "io_uring_setup": 425,
        },
        56,
    ),
    "aarch64": (
        0xC00000B7,
        {
            "mount": 40, "unshare": 97, "ptrace": 117, "socket": 198, "socketpair": 199,
            "bind": 200, "listen": 201, "connect": 203, "keyctl": 219, "execve": 221,
            "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280,
            "execveat": 281, "io_uring_setup": 425,
        },
        220,
    ),
}  # fmt: skip
CLONE3, A_THREAD = 435, 0x00010000
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NOT_PERMITTED, NO_SUCH_CALL = 1, 38
CALL_NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16
OF_ANOTHER_INTERFACE = 0x40000000


def filter_calls(libc: ctypes.CDLL) -> str:
    """Refuses sockets, other programs and other processes to the kernel's own filter."""
    if platform.machine() not in REFUSED_CALLS:
        return ""
    program = b"".join(_filter(*REFUSED_CALLS[platform.machine()]))
    buffer = ctypes.create_string_buffer(program)
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    if libc.prctl(SECCOMP, 2, described, 0, 0) != 0:
        return ""
    return "seccomp: no sockets, no other programs or processes"


def _filter(machine: int, refused: dict[str, int], clone: int) -> list[bytes]:
    """The filter's instructions: (what, jump if so, jump if not, operand)."""
    steps = [
        _step(LOAD, 0, 0, MACHINE),
        _step(JUMP_IF_EQUAL, 1, 0, machine),
        _step(RETURN, 0, 0, KILL),
        _step(LOAD, 0, 0, CALL_NUMBER),
        _step(JUMP_IF_AT_LEAST, 0, 1, OF_ANOTHER_INTERFACE),
        _step(RETURN, 0, 0, KILL),
    ]
    for number in refused.values():
        steps.append(_step(JUMP_IF_EQUAL, 0, 1, number))
        steps.append(_step(RETURN, 0, 0, REFUSE | NOT_PERMITTED))
    return [
        *steps,
        # glibc falls back to clone, whose flags can be looked at.
        _step(JUMP_IF_EQUAL, 0, 1, CLONE3),
        _step(RETURN, 0, 0, REFUSE | NO_SUCH_CALL),
        _step(JUMP_IF_EQUAL, 0, 3, clone),
        _step(LOAD, 0, 0, FIRST_ARGUMENT),
        _step(JUMP_IF_SET, 1, 0, A_THREAD),
        _step(RETURN, 0, 0, REFUSE | NOT_PERMITTED),
        _step(RETURN, 0, 0, ALLOW),
    ]


def _step(what: int, so: int, otherwise: int, operand: int) -> bytes:
    return struct.pack("HBBI", what, so, otherwise, operand)


# without help from the system


def refuse_sockets() -> str:
    """Refuses sockets to Python code; native code is not held back by it."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("This process has no network.")

    def watch(event: str, _arguments: tuple) -> None:
        if event.startswith("socket."):
            refuse()

    socket.socket = refuse
    sys.addaudithook(watch)
    return "Python's sockets are refused (weak: native code is not held back)"
