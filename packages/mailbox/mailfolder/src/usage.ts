/** What lies in a Maildir, counted file by file: sizes from names that tell them, else from the file. */
import { lstatSync, readdirSync } from 'node:fs'
import type { Usage } from '@yabumi/dovecotfiles'
import { baseOf, sizeIn } from './filename.ts'
import { nameOf } from './foldername.ts'
import { bytes } from './place.ts'

/** @param root - of the Maildir, a byte string. @param directories - of the mailboxes that count; without them, all. @throws the system's error */
export function usageOf(root: string, directories: readonly string[] = allOf(root)): Usage {
  let [size, count] = [0, 0]
  for (const directory of directories) {
    for (const part of ['new', 'cur']) {
      const path = `${root}/${directory}/${part}`
      for (const name of namesIn(path)) {
        const told = sizeIn(baseOf(name), 'S')
        const status = told === -1 ? lstatSync(bytes(`${path}/${name}`), { throwIfNoEntry: false }) : undefined
        if (told === -1 && status?.isFile() !== true) continue
        size += status?.size ?? told
        count += 1
      }
    }
  }
  return { bytes: size, count }
}

function allOf(root: string): string[] {
  const entries = readdirSync(bytes(root), { encoding: 'latin1', withFileTypes: true })
  return ['.', ...entries.filter((entry) => entry.isDirectory() && nameOf(entry.name) !== undefined).map(({ name }) => name)]
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(bytes(path), 'latin1').filter((name) => !name.startsWith('.'))
  } catch {
    return [] // a mailbox without this part, or one that was removed meanwhile
  }
}
