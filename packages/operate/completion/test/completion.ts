import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { missing } from '../../../../test/support/programs.ts'
import { grammarOf } from '../src/grammar.ts'

const checkout = join(import.meta.dirname, '../../../..')
const program = join(checkout, 'bin/completion')

function textFor(shell: string, ...options: string[]): string {
  return execFileSync(program, [shell, ...options], { encoding: 'utf8' })
}

/** A directory with the text for a shell and a file `zone.txt`. */
function place(t: Test, shell: string): string {
  const directory = t.testdir({ 'zone.txt': '', below: {} })
  writeFileSync(join(directory, 'text'), textFor(shell))
  return directory
}

t.test('a synopsis tells options, first words and kinds of arguments', async (t) => {
  const lines = [
    'tool add|remove ADDRESS [--domain] < password',
    'tool list [--zone FILE]... [DIR]',
    '     [--listen ADDR:PORT]... [--ready-fd N]',
    'another --option',
  ]
  const { options, firstWords, arguments: kinds } = grammarOf('tool', 'Do it', lines)
  t.same(firstWords, ['add', 'remove', 'list'])
  t.same(kinds, ['other', 'directory'])
  t.same(options, [
    { name: '--domain', argument: undefined, isRepeated: false },
    { name: '--zone', argument: 'file', isRepeated: true },
    { name: '--listen', argument: 'other', isRepeated: true },
    { name: '--ready-fd', argument: 'other', isRepeated: false },
  ])
})

t.test('every program is there, under the names that it is installed by', async (t) => {
  const programs = readdirSync(join(checkout, 'bin')).filter((name) => !name.startsWith('.'))
  for (const shell of ['bash', 'zsh', 'fish']) {
    const text = textFor(shell, '--prefix', 'yabumi-')
    t.same(
      programs.filter((name) => !new RegExp(`\\byabumi-${name}\\b`).test(text)),
      [],
      shell,
    )
  }
})

t.test('a shell that is not known is refused', async (t) => {
  const { status, stderr } = spawnSync(program, ['csh'], { encoding: 'utf8' })
  t.same([status, stderr], [100, 'completion: there is nothing for csh; it is made for bash, zsh, fish\n'])
  t.equal(spawnSync(program, ['bash', '--prefix', 'a b']).status, 100)
})

t.test('bash completes', { skip: missing('bash') }, async (t) => {
  const directory = place(t, 'bash')
  const ask = (...words: string[]): string[] => {
    const script = `. ./text; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _yabumi "$1" "\${@: -1}" "\${@: -2:1}"; printf '%s\\n' "\${COMPREPLY[@]}"`
    const out = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8', cwd: directory })
    return out.split('\n').filter((line) => line !== '')
  }
  t.same(ask('dnsadvice', '--ch'), ['--check'])
  t.same(ask('/opt/yabumi/bin/dnsadvice', '--ch'), ['--check'])
  t.same(ask('mailbox', 'a'), ['add'])
  t.same(ask('dnsadvice', '--zone', 'z'), ['zone.txt'])
  t.same(ask('dnsadvice', '--check', '--ch'), [], 'once is enough')
  t.same(ask('explain', '--log', 'zone.txt', '--lo'), ['--log'], 'this one may come again')
  t.same(ask('service', 's6', 'b'), ['below'])
  t.same(ask('dnsadvice', '--policies', 'z'), [], 'no file is an address')
})

t.test('fish completes', { skip: missing('fish') }, async (t) => {
  const directory = place(t, 'fish')
  const ask = (line: string): string[] => {
    const out = execFileSync('fish', ['--no-config', '-c', 'source text; complete -C $argv[1]', line], {
      encoding: 'utf8',
      cwd: directory,
      env: { ...process.env, HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
    })
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')[0] as string)
  }
  t.same(ask('dnsadvice --ch'), ['--check'])
  t.same(ask('mailbox a'), ['add'])
  t.same(ask('dnsadvice --zone z'), ['zone.txt'])
  t.same(ask('dnsadvice --check --ch'), [])
  t.same(ask('service s6 b'), ['below/'])
})

t.test('zsh completes', { skip: missing('zsh') }, async (t) => {
  const directory = place(t, 'zsh')
  const ask = (line: string, wanted: string): string => {
    // The tab key works on a terminal only. What has been completed is asked back by a key of our own.
    const script = `
zmodload zsh/zpty
zpty shell "TERM=dumb HISTFILE= zsh -f -i"
say() { zpty -w shell "$1" }
say "PS1= PS2= ; unsetopt beep zle_bracketed_paste 2>/dev/null; autoload -Uz compinit && compinit -D -u && . ./text"
say "told() { print -r -- \\"<\\$BUFFER>\\" > told; exit }; zle -N told; bindkey '^X^A' told; bindkey '^I' complete-word; print rea''dy"
zpty -r -m shell out "*ready*"
zpty -w -n shell "$1"$'\\t\\x18\\x01'
while zpty -t shell && [ ! -s told ]; do zpty -r shell out 2>/dev/null || break; done
`
    execFileSync('rm', ['-f', join(directory, 'told')])
    spawnSync('zsh', ['-f', '-c', script, 'zsh', line], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, HOME: directory, ZDOTDIR: directory },
    })
    const told = execFileSync('sh', ['-c', 'cat told || :'], { cwd: directory, encoding: 'utf8' }).trim()
    t.equal(told, `<${wanted}>`, line)
    return told
  }
  ask('dnsadvice --ch', 'dnsadvice --check ')
  ask('mailbox a', 'mailbox add ')
  ask('dnsadvice --zone z', 'dnsadvice --zone zone.txt ')
  ask('service s6 b', 'service s6 below/')
})
