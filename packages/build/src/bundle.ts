/**
 * Make dist/NAME.cjs of every program: one CommonJS file each, because that starts fastest (no module loader at run time).
 *
 * A program is a package with src/main.ts. koffi stays outside: it is native code.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { introductions } from './introduction.ts'

const root = join(import.meta.dirname, '../../..')
const packages = join(root, 'packages')
const programs = readdirSync(packages).filter((name) => existsSync(join(packages, name, 'src/main.ts')))

/** @param plugins - that change the sources on their way: how tests plant faults without touching the checkout */
export async function bundle(outdir: string, plugins: Plugin[] = []): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(programs.map((name) => [name, join(packages, name, 'src/main.ts')])),
    outdir,
    plugins: [...plugins, introductions(root)],
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    legalComments: 'none',
    external: ['koffi'],
    // yargs and createRequire ask for the module's own URL, which CommonJS does not have
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href" },
    logLevel: 'warning',
  })
}

if (process.argv[1] === import.meta.filename) await bundle(join(root, 'dist'))
