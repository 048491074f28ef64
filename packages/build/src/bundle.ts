/**
 * Make dist/NAME.cjs of every program: one CommonJS file each, because that starts fastest (no module loader at run time).
 *
 * A program is a package with src/main.ts. koffi stays outside: it is native code. So does yargs, which is a third of what would have to be read.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { introductions } from './introduction.ts'
import { postpone, sharedYargs, yargsFile } from './lighter.ts'

const root = join(import.meta.dirname, '../../..')
const packages = join(root, 'packages')
const programs = readdirSync(packages).filter((name) => existsSync(join(packages, name, 'src/main.ts')))

/** @param plugins - that change the sources on their way: how tests plant faults without touching the checkout */
export async function bundle(outdir: string, plugins: Plugin[] = []): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(programs.map((name) => [name, join(packages, name, 'src/main.ts')])),
    outdir,
    plugins: [...plugins, introductions(root), sharedYargs],
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    legalComments: 'none',
    external: ['koffi'],
    // createRequire asks for the module's own URL, which CommonJS does not have
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href" },
    logLevel: 'warning',
    write: false,
  })
  mkdirSync(outdir, { recursive: true })
  for (const { path, text } of outputFiles) writeFileSync(path, postpone(text))
  const [name, contents] = await yargsFile(root)
  writeFileSync(join(outdir, name), contents)
}

if (process.argv[1] === import.meta.filename) await bundle(join(root, 'dist'))
