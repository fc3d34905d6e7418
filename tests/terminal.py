"""Plays a dialogue with a program in a pseudo-terminal.

Usage: terminal.py DIALOGUE COMMAND [ARGUMENT...]

DIALOGUE is a JSON list of [words, keys]: once the words have been shown, the keys are struck. What
was shown is printed at the end. Exits with the program's code, or 99 where words never came."""

import json, os, pty, select, sys

PATIENCE = 60  # Seconds; nothing waits so long when all is well.

def main():
    dialogue = json.loads(sys.argv[1])
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execv(sys.argv[2], sys.argv[2:])
    shown, seen = b"", 0

    def more():
        nonlocal shown
        ready, _, _ = select.select([terminal], [], [], PATIENCE)
        if not ready:
            return None
        try:
            read = os.read(terminal, 4096)
        except OSError:  # What Linux says of a terminal that nobody holds any more.
            read = b""
        shown += read
        return read

    lost = None
    for words, keys in dialogue:
        while lost is None and (at := shown.find(words.encode(), seen)) < 0:
            if not more():
                lost = words
        if lost is not None:
            break
        seen = at + len(words.encode())
        os.write(terminal, keys.encode())
    while lost is None and more():
        pass
    print(shown.decode(errors="replace"))
    if lost is not None:
        os.kill(child, 9)
        print("never shown:", lost)
        sys.exit(99)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))

main()
