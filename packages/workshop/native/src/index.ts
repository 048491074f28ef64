/** Compile the programs of programs.ts ahead with Bun, into one executable, which appears whole or not at all. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { bringBun } from './bun.ts'
import { compiled } from './programs.ts'

export { compiled } from './programs.ts'

/** How the build makes programs light; here for another run time. */
export interface Lightening {
  readonly plugins: readonly Plugin[]
  /** @param text - what esbuild made, @param further - modules of Node to load at their first use, besides those that take Node long */
  readonly postpone: (text: string, further: readonly string[]) => string
}

/** A connection to a Unix socket without node:net. */
const lighterNet: Plugin = {
  name: 'lighter net',
  setup({ onResolve }) {
    const path = join(import.meta.dirname, 'net.ts')
    onResolve({ filter: /^node:net$/ }, ({ importer }) => (importer === path ? { path: 'node:net', external: true } : { path }))
  },
}

/** What launchers set for Bun, and for nobody behind it. */
const forBun = ['BUN_JSC_useJIT', 'BUN_RUNTIME_TRANSPILER_CACHE_PATH']

/** The first argument names the program; what the others see is what a launcher hands to Node: their own file, $0, arguments. */
function entry(): string {
  const programs = compiled.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(`@yabumi/${name}/src/main.ts`)})`)
  return `const [, , name, ...words] = process.argv
process.argv.splice(0, process.argv.length, process.execPath, process.execPath.replace(/[^/]*$/, name + '.cjs'), ...words)
${forBun.map((name) => `delete process.env.${name}`).join('\n')}
const programs = { ${programs.join(', ')} }
programs[name]()`
}

/**
 * Make dist/native of a checkout.
 *
 * @throws Error where Bun cannot be had, or what it makes does not run on this machine
 */
export async function compile(root: string, { plugins, postpone }: Lightening): Promise<void> {
  const bun = bringBun(root)
  const scratch = mkdtempSync(join(root, 'dist/native-'))
  try {
    const { outputFiles } = await build({
      stdin: { contents: entry(), resolveDir: root, sourcefile: 'native.cjs', loader: 'js' },
      outfile: join(scratch, 'native.cjs'),
      bundle: true,
      write: false,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      legalComments: 'none',
      external: ['koffi'],
      plugins: [...plugins, lighterNet],
      // koffi is looked for from where the executable lies, which may have been installed elsewhere
      define: { 'import.meta.url': 'moduleUrl' },
      banner: { js: "const moduleUrl = 'file://' + process.execPath.split('/').map(encodeURIComponent).join('/')" },
      logLevel: 'warning',
    })
    writeFileSync(join(scratch, 'native.cjs'), postpone(outputFiles[0]?.text ?? '', ['util']))
    // a .env or bunfig.toml in the working directory is nobody's business
    const closed = ['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig']
    const args = ['build', '--compile', '--bytecode', '--format=cjs', ...closed, '--external', 'koffi']
    const native = join(scratch, 'native')
    execFileSync(bun, [...args, '--outfile', native, join(scratch, 'native.cjs')], { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] })
    execFileSync(native, ['inject', 'inject', '--version'], { stdio: ['ignore', 'ignore', 'inherit'] }) // a processor may be too old for it
    renameSync(native, join(root, 'dist/native'))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
