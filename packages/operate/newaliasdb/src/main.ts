/**
 * newaliasdb: make a database of aliases from /etc/aliases, or a list from an :include: file. README.md is the manual
 * page.
 *
 * Out     FILE.tmp, synced, then renamed to FILE.cdb, or LIST.tmp to LIST.bin
 * Trust   root becomes the owner of the directory
 * Crash   leaves the old file, or none; so does any error
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { encodeCommands } from '@yabumi/aliasdb'
import { makeCdb } from '@yabumi/cdb'
import { run, toolLine } from '@yabumi/commandline'
import { becomeOwner, enterHome } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'
import { recordsOf } from './aliases.ts'
import { commandsIn } from './commands.ts'
import { Hosts } from './hosts.ts'
import { replaceFile } from './write.ts'

const usual = '/etc/aliases'

async function main(): Promise<void> {
  const argv = (await toolLine('newaliasdb', '[FILE] | --include LIST'))
    .option('include', { type: 'string', requiresArg: true, describe: 'make LIST.bin of an :include: file' })
    .parseSync()
  const [file, ...more] = argv._.map(String)
  if (more.length > 0 || (file !== undefined && argv.include !== undefined)) throw new Trouble('5.5.4', 'name one file')
  const path = resolve(argv.include ?? file ?? usual)
  enterHome()
  const hosts = new Hosts()
  becomeOwner(dirname(path))
  const text = read(path)
  if (argv.include === undefined) replaceFile(`${path}.cdb`, `${path}.tmp`, makeCdb(recordsOf(text, path, hosts)))
  else replaceFile(`${path}.bin`, `${path}.tmp`, encodeCommands(listIn(text, path, hosts)))
}

/** A line is apart from the others. @throws Trouble 5.6.0 that names the first one that nobody can read, or that a list may not have */
function listIn(text: string, path: string, hosts: Hosts): ReturnType<typeof commandsIn> {
  return text.split('\n').flatMap((line, index) => {
    try {
      const commands = commandsIn(line.replace(/\r$/, ''), hosts)
      const program = commands.find(({ kind }) => kind === 'headed')
      if (program !== undefined) throw new Error(`a list runs no program: |${program.text}`)
      return commands
    } catch (error) {
      throw new Trouble('5.6.0', `${path} line ${index + 1}: ${(error as Error).message}`)
    }
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
}

void run('newaliasdb', main)
