/**
 * Plant a fault: build the programs with a change of their sources, in a directory of their own. The checkout stays as it is.
 *
 * A change is one of text, and its text must be in the source exactly once: a source that moves on says so here.
 */
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { directoryOf } from '@yabumi/manual'
import { bundle } from '../../packages/workshop/build/src/bundle.ts'
import { checkout } from './home.ts'

export interface Edit {
  /** Of a package, and its name first: `send/src/bounce.ts`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/**
 * The sources that a fault changes, by their paths, as they are with it.
 *
 * @throws Error if a text to replace is not in its source exactly once
 */
export function changedBy(edits: readonly Edit[]): Map<string, string> {
  const changed = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const path = pathOf(file)
    const text = changed.get(path) ?? readFileSync(path, 'utf8')
    if (text.split(find).length !== 2) throw new Error(`${file} does not have exactly once: ${find}`)
    changed.set(
      path,
      text.replace(find, () => replace),
    )
  }
  return changed
}

function pathOf(file: string): string {
  const [name = '', ...rest] = file.split('/')
  return join(checkout, directoryOf(checkout, name), ...rest)
}

/**
 * Build the programs with a fault.
 *
 * @param directory - an empty one
 * @returns their bin directory
 */
export async function buildWith(edits: readonly Edit[], directory: string): Promise<string> {
  const changed = changedBy(edits)
  for (const part of ['.runtime', 'node_modules']) symlinkSync(join(checkout, part), join(directory, part))
  cpSync(join(checkout, 'bin'), join(directory, 'bin'), { recursive: true, verbatimSymlinks: true })
  mkdirSync(join(directory, 'dist'))
  await bundle(join(directory, 'dist'), [
    {
      name: 'fault',
      setup: (build) =>
        build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
          const contents = changed.get(path)
          return contents === undefined ? undefined : { contents, loader: 'ts' }
        }),
    },
  ])
  return join(directory, 'bin')
}
