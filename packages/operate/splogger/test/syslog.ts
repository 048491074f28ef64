/** splogger and the C library's syslog, in a mount namespace with a /dev/log of the test's own. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const splogger = join(import.meta.dirname, '../../../../bin/splogger')

/** A syslog daemon for two messages, and splogger before it. */
const script = `
  dev=$(mktemp -d) && mount -t tmpfs tmpfs "$dev" && mknod -m 666 "$dev/null" c 1 3 && mknod -m 444 "$dev/urandom" c 1 9 || exit 77
  mount --move "$dev" /dev && rmdir "$dev" || exit 77
  perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un("/dev/log")) or die;
    for (1..2) { recv(S, $b, 9000, 0); print "$b\\n" }' &
  while ! test -S /dev/log; do sleep 0.02; done
  printf 'hello\\nalert: %%s\\n' | "$@"
  echo "exit $?"
  wait
`

function absent(): string | false {
  if (process.getuid?.() !== 0) return 'needs root'
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', 'command -v perl >/dev/null && mount -t tmpfs tmpfs /mnt'])
  return status === 0 ? false : 'needs mount namespaces and perl'
}

t.test('splogger logs under its tag and facility', { skip: absent() }, async (t) => {
  const run = (...args: readonly string[]): string[] => {
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', splogger, ...args], { encoding: 'latin1' })
    const lines = stdout.split('\n').map((line) => line.replace(/>.{15} /, '>').replace(/[0-9]{10}\.[0-9]{6}/, 'STAMP'))
    return lines.sort()
  }
  t.same(run(), ['', '<17>splogger: STAMP alert: %s', '<22>splogger: STAMP hello', 'exit 0'])
  t.same(run('yabumi', '3'), ['', '<25>yabumi: STAMP alert: %s', '<30>yabumi: STAMP hello', 'exit 0'])
})
