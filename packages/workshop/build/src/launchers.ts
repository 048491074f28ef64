/**
 * bin/: a launcher for each program, made from the lists here. Run by itself, this writes them anew.
 *
 * A launcher finds its own directory, looks whether there is room for Node (bin/.room), and becomes the program. It
 * hands it the name that it was called by. It makes no process.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programsOf } from '@yabumi/manual'
import { compiled } from '@yabumi/native'

/** They read descriptor 0. Where nobody opened it, Node would take it for something of its own. */
const readsInput = new Set([
  ...['inject', 'sendmail', 'mailsubj', 'predate', 'datemail', 'queue', 'qmqpc', 'local', 'forward', 'condredirect'],
  ...['except', 'bouncesaying', 'preline', 'qsmhook', 'qreceipt', 'srsfilter'],
])

/** They stay, and most of their functions run once a message: V8 compiles at a quarter of its usual counts (INTERNALS.md §7). */
const compilesSoon = ['--invocation-count-for-maglev=100', '--invocation-count-for-turbofan=800']
const options = new Map<string, readonly string[]>([
  ...['queue', 'send', 'clean', 'lspawn', 'rspawn'].map((name) => [name, compilesSoon] as const),
  ['smtpd', [...compilesSoon, '--max-semi-space-size=4']], // the same speed in 87 MB instead of 107
])

/** The text of bin/NAME. */
export function launcher(name: string): string {
  const node = ['"$b/../.runtime/node"', '--disable-sigusr1', '--no-warnings', ...(options.get(name) ?? [])]
  return [
    '#!/bin/sh',
    '# Made by packages/workshop/build/src/launchers.ts.',
    `f=$0; [ -L "$f" ] && f=$(readlink -f "$f"); b=\${f%/*}`,
    ...(readsInput.has(name) ? ['[ -e /proc/self/fd/0 ] || [ ! -e /proc/self ] || exec 0>/dev/null'] : []),
    '. "$b/.room"',
    ...(compiled.includes(name)
      ? [
          `suits && [ -x "$b/.dist/native" ] && export BUN_JSC_useJIT=0 BUN_RUNTIME_TRANSPILER_CACHE_PATH=0 && exec "$b/.dist/native" ${name} "$0" "$@"`,
        ]
      : []),
    `exec ${node.join(' ')} "$b/.dist/${name}.cjs" "$0" "$@"`,
    '',
  ].join('\n')
}

/** Launchers that lack or differ from what is said here, one line each. */
export function launcherProblems(root: string): string[] {
  return programsOf(root).flatMap((name) => {
    const file = join(root, 'bin', name)
    if (existsSync(file) && readFileSync(file, 'utf8') === launcher(name)) return []
    return [`bin/${name}: not as launchers.ts makes it; run \`node packages/workshop/build/src/launchers.ts\``]
  })
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, '../../../..')
  for (const name of programsOf(root)) {
    writeFileSync(join(root, 'bin', name), launcher(name))
    chmodSync(join(root, 'bin', name), 0o755)
  }
}
