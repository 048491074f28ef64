/**
 * make native: compile the programs of programs.ts ahead with Bun, into dist/native.
 *
 * Bun comes from the npm registry into .runtime/bun when it is first wanted. The executable appears whole or not at all.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { compiled } from './programs.ts'

const pinned = '1.4.5'
const root = join(import.meta.dirname, '../../..')

/** The path of the pinned Bun; brought if it is not there. */
function bringBun(): string {
  const place = join(root, '.runtime/bun')
  const manifest = join(place, 'node_modules/bun/package.json')
  if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== pinned) {
    mkdirSync(place, { recursive: true })
    const quiet = ['--loglevel=error', '--no-progress', '--no-audit', '--no-fund', '--no-update-notifier']
    const args = ['install', '--prefix', place, '--no-save', '--no-package-lock', ...quiet, `bun@${pinned}`]
    execFileSync('npm', args, { cwd: place, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return join(place, 'node_modules/bun/bin/bun.exe')
}

/** Modules of Node that take Bun long to load, and what stands for them here. */
const lighter: Plugin = {
  name: 'lighter',
  setup({ onResolve }) {
    const instead = { 'node:net': 'net.ts', 'node:child_process': 'childprocess.ts', 'node:util': 'util.ts', 'node:module': 'module.ts' }
    for (const [module, file] of Object.entries(instead)) {
      const path = join(import.meta.dirname, file)
      onResolve({ filter: new RegExp(`^${module}$`) }, ({ importer }) => (importer === path ? { path: module, external: true } : { path }))
    }
  },
}

/** What launchers set for Bun, and for nobody behind it. */
const noJit = 'BUN_JSC_useJIT'

/** The first argument names the program; what the others see is what a launcher hands to Node: their own file, $0, arguments. */
function entry(): string {
  const programs = compiled.map(
    (name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(join(root, 'packages', name, 'src/main.ts'))})`,
  )
  return `const [, , name, ...words] = process.argv
process.argv.splice(0, process.argv.length, process.execPath, process.execPath.replace(/[^/]*$/, name + '.cjs'), ...words)
delete process.env.${noJit}
const programs = { ${programs.join(', ')} }
programs[name]()`
}

async function compile(): Promise<void> {
  const bun = bringBun()
  const scratch = mkdtempSync(join(root, 'dist/native-'))
  try {
    await build({
      stdin: { contents: entry(), resolveDir: root, sourcefile: 'native.cjs', loader: 'js' },
      outfile: join(scratch, 'native.cjs'),
      bundle: true,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      legalComments: 'none',
      external: ['koffi'],
      plugins: [lighter],
      // koffi is looked for from where the executable lies, which may have been installed elsewhere
      define: { 'import.meta.url': 'moduleUrl' },
      banner: { js: "const moduleUrl = 'file://' + process.execPath.split('/').map(encodeURIComponent).join('/')" },
      logLevel: 'warning',
    })
    // a .env or bunfig.toml in the working directory is nobody's business
    const closed = ['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig']
    const args = ['build', '--compile', '--bytecode', '--format=cjs', ...closed, '--external', 'koffi']
    execFileSync(bun, [...args, '--outfile', join(scratch, 'native'), join(scratch, 'native.cjs')], {
      cwd: scratch,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    renameSync(join(scratch, 'native'), join(root, 'dist/native'))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) await compile()
