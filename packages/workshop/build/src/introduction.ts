/**
 * Puts a call at the beginning of each program that answers `--help` and `--version`, with what its README says
 * (package commandline).
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Introduction } from '@yabumi/commandline'
import { blocksOf, directoryOf, programsOf } from '@yabumi/manual'
import type { Plugin } from 'esbuild'
import { listsOptions } from './options.ts'

const mostExampleLines = 6

/** What a program's README says of it. */
export function introductionOf(root: string, name: string): Introduction {
  const blocks = blocksOf(readFileSync(join(root, directoryOf(root, name), 'README.md'), 'utf8'))
  const opening = blocks.slice(1, blocks.findIndex(({ kind }, index) => index > 0 && kind === 'heading') >>> 0)
  const about = opening.find((block) => block.kind === 'paragraph')?.text ?? ''
  const [synopsis = [], example = []] = opening.flatMap((block) => (block.kind === 'code' ? [block.lines] : []))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    name,
    version,
    about: plain(about),
    synopsis,
    example: example.slice(0, mostExampleLines),
    listsOptions: listsOptions(root, name),
  }
}

/** Its first sentence, without marks. */
function plain(text: string): string {
  const sentence = /^.*?[.:](?= |$)/.exec(text.replaceAll('\n', ' '))?.[0] ?? text
  return sentence
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replace(/:$/, '.')
}

/** Puts into the program `completion` how every program is called. */
export function synopses(root: string): Plugin {
  return {
    name: 'synopses',
    setup: (build) =>
      build.onLoad({ filter: /\/completion\/src\/synopses\.ts$/ }, () => {
        const entries = programsOf(root).map((name) => {
          const { about, synopsis } = introductionOf(root, name)
          return [name, { about: about.replace(/\.$/, ''), lines: synopsis }]
        })
        return { contents: `export const synopses = ${JSON.stringify(Object.fromEntries(entries))}`, loader: 'ts' }
      }),
  }
}

export function introductions(root: string): Plugin {
  const module = JSON.stringify(join(root, 'packages/system/commandline/src/introduction.ts'))
  return {
    name: 'introductions',
    setup: (build) =>
      build.onLoad({ filter: /\/src\/main\.ts$/ }, ({ path }) => {
        const introduction = JSON.stringify(introductionOf(root, basename(dirname(dirname(path)))))
        return { contents: `import { introduce } from ${module}\nintroduce(${introduction})\n${readFileSync(path, 'utf8')}`, loader: 'ts' }
      }),
  }
}
