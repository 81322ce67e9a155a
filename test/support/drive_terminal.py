"""Runs a program on a real pseudo-terminal and types at it. Standard library only.

Usage: drive_terminal.py STEPS PROGRAM [ARGUMENT...]
STEPS is JSON: [[what to wait for on the screen, what to type then], ...]. Prints JSON: {"screen", "code"}.
"""
import json, os, pty, select, signal, sys, time

DEADLINE_SECONDS = 50


def main():
    steps = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    screen, seen = b"", 0
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        while steps and (at := screen.find(steps[0][0].encode(), seen)) >= 0:
            seen = at + len(steps[0][0].encode())
            os.write(terminal, steps.pop(0)[1].encode())
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        screen += part
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({"screen": screen.decode(errors="replace"), "code": code, "left": len(steps)}))


main()
