/**
 * What makes a program in dist/ start in less time. A start is most of what a tool costs: a bare Node takes 26 ms.
 *
 * A module of Node that is outside its snapshot takes 1 to 10 ms to load, used or not. A library in CommonJS takes
 * one or two. So each is loaded when something of it is first used. yargs is a file of its own, on a lighter platform
 * (package commandline). It and each program are files of code (code.ts).
 */
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { codeFile, runCode } from './code.ts'

const postponed =
  'child_process crypto dgram dns dns/promises fs/promises http https module net os readline stream tls worker_threads zlib'.split(' ')

/**
 * Load modules of Node, and libraries in CommonJS, at their first use.
 *
 * @param text - CommonJS as esbuild writes it: a variable for each import, and what is used are its properties
 * @param further - modules besides those that take Node long
 */
export function postpone(text: string, further: readonly string[] = []): string {
  const variables = new Set<string>()
  const modules = [...postponed, ...further].join('|')
  const load = `require\\("node:(?:${modules})"\\)|__toESM\\(require_\\w+\\(\\)(?:, 1)?\\)`
  const loaders = text.replace(
    new RegExp(`^( *(?:var )?)(import_\\w+) = (${load});$`, 'gm'),
    (_, start: string, variable: string, loading: string) => {
      variables.add(variable)
      return `${start}${variable} = ((loaded) => () => loaded ??= ${loading})();`
    },
  )
  return loaders.replace(/\b(import_\w+)\b(?=\.)/g, (use, variable: string) => (variables.has(variable) ? `(${variable}())` : use)) // in brackets, for `new`
}

/** yargs on our platform. */
export function lighterYargs(root: string): Plugin {
  const platform = JSON.stringify(join(root, 'packages/system/commandline/src/platform.ts'))
  const layout: Record<string, string> = { 'string-width': 'stringWidth', 'strip-ansi': 'stripAnsi', 'wrap-ansi': 'wrapAnsi' }
  return {
    name: 'lighter yargs',
    setup(build) {
      build.onLoad({ filter: /\/yargs\/lib\/platform-shims\/esm\.mjs$/ }, () => ({
        contents: `import Parser from 'yargs-parser'
import cliui from 'cliui'
import { platform } from ${platform}
export default platform(Parser, cliui)`,
      }))
      build.onResolve({ filter: new RegExp(`^(${Object.keys(layout).join('|')})$`) }, ({ path }) => ({ path, namespace: 'layout' }))
      build.onLoad({ filter: /./, namespace: 'layout' }, ({ path }) => ({
        contents: `export { ${layout[path]} as default } from ${platform}`,
        resolveDir: root,
      }))
    },
  }
}

const file = 'yargs.code'

/** yargs from a file of code beside the program. */
export const sharedYargs: Plugin = {
  name: 'shared yargs',
  setup(build) {
    build.onResolve({ filter: /^yargs$/ }, ({ path }) => ({ path, namespace: 'shared' }))
    build.onLoad({ filter: /./, namespace: 'shared' }, () => ({
      contents: `const shared = {}
${runCode(`require('node:path').join(__dirname, '${file}')`, 'shared, require')}
export default shared.default`,
    }))
  },
}

/** The file of yargs. @returns its name and contents */
export async function yargsFile(root: string): Promise<[name: string, contents: Buffer]> {
  const { outputFiles } = await build({
    stdin: { contents: "export { default } from 'yargs'", resolveDir: join(root, 'packages/system/commandline') },
    plugins: [lighterYargs(root)],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node22',
    format: 'iife',
    globalName: 'shared',
    legalComments: 'none',
    define: { 'import.meta.url': '"file:///yargs"' }, // for createRequire, which nobody calls,
    logLevel: 'warning',
  })
  return [file, codeFile(`${outputFiles[0]?.text}exports.default = shared.default`, 'exports, require')]
}
