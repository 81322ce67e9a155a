/**
 * A shell's text that runs the program given as its arguments and stops it when its own stdin ends, which is when the
 * process that holds the other end does, even by SIGKILL; then it removes $FOLDER.
 */
export const WATCHED_PROGRAM = `exec 3<&0; "$@" 3<&- & server=$!
(cat <&3 >/dev/null; kill -INT $server) 2>/dev/null &
wait $server; rm -rf "$FOLDER"`;
