/** make man: write the manual pages into man/, for `man -M man inject`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pagesOf } from '@yabumi/manual'

const root = join(import.meta.dirname, '../../../..')
const directory = join(root, 'man')

rmSync(directory, { recursive: true, force: true })
for (const { name, section, text } of pagesOf(root)) {
  mkdirSync(join(directory, `man${section}`), { recursive: true })
  writeFileSync(join(directory, `man${section}`, `${name}.${section}`), text)
}
