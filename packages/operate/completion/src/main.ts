/**
 * Print what a shell needs to complete the programs' options, words, files: completion bash|zsh|fish [--prefix TEXT].
 *
 * Out     descriptor 1: the text
 * Exit    0; 100 for a shell that is not known
 */
import { commandLine, run, say } from '@yabumi/commandline'
import { Trouble } from '@yabumi/trouble'
import { bashText } from './bash.ts'
import { fishText } from './fish.ts'
import { type Grammar, grammarOf } from './grammar.ts'
import { synopses } from './synopses.ts'
import { zshText } from './zsh.ts'

const shells: Readonly<Record<string, (grammars: readonly Grammar[], prefix: string) => string>> = {
  bash: bashText,
  zsh: zshText,
  fish: fishText,
}

void run('completion', async () => {
  const { _, prefix } = (await commandLine('completion', 'bash|zsh|fish [--prefix TEXT]'))
    .option('prefix', { type: 'string', requiresArg: true, default: '', describe: 'what the names of the programs begin with' })
    .demandCommand(1, 1, 'name the shell', 'one shell at a time')
    .parseSync()
  const shell = String(_[0])
  const text = Object.hasOwn(shells, shell) ? shells[shell] : undefined
  if (text === undefined) throw new Trouble('5.5.4', `there is nothing for ${shell}; it is made for ${Object.keys(shells).join(', ')}`)
  if (!/^[\w.-]*$/.test(prefix)) throw new Trouble('5.5.4', `${prefix} begins no name`)
  say(
    text(
      Object.entries(synopses).map(([name, { about, lines }]) => grammarOf(name, about, lines)),
      prefix,
    ),
  )
})
