/**
 * maildirmake: create a Maildir with its three directories, private to its owner (spec §8.2). Root becomes the owner of
 * the directory that it is made in.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { byteArguments, run } from '@yabumi/commandline'
import { becomeOwner } from '@yabumi/home'
import { errorText, Trouble } from '@yabumi/trouble'

function makeMaildir(path: string): void {
  for (const name of ['', '/tmp', '/new', '/cur']) {
    try {
      mkdirSync(Buffer.from(path + name, 'latin1'), 0o700)
    } catch (cause) {
      throw new Trouble('4.3.0', `fatal: unable to mkdir ${path}${name}: ${errorText(cause)}`, { cause })
    }
  }
}

void run('maildirmake', () => {
  const [path] = byteArguments()
  if (path === undefined) throw new Trouble('5.3.0', 'usage: maildirmake name')
  process.umask(0o077)
  becomeOwner(dirname(path))
  makeMaildir(path)
})
