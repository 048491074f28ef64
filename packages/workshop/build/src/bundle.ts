/**
 * Make dist/NAME.code of every program, and dist/NAME.cjs, which runs it. It is one file each, because that starts
 * fastest: no module loader at run time, and nothing to compile.
 *
 * A program is a package with src/main.ts. koffi stays outside: it is native code. So does yargs, which is a third of
 * what would have to be read.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { directoryOf, programsOf } from '@yabumi/manual'
import { build, type Plugin } from 'esbuild'
import { codeFile, runCode } from './code.ts'
import { introductions, synopses } from './introduction.ts'
import { postpone, sharedYargs, yargsFile } from './lighter.ts'

const root = join(import.meta.dirname, '../../../..')

/** @param plugins - that change the sources on their way: how tests plant faults without touching the checkout */
export async function bundle(outdir: string, plugins: Plugin[] = []): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(programsOf(root).map((name) => [name, join(root, directoryOf(root, name), 'src/main.ts')])),
    outdir,
    plugins: [...plugins, introductions(root), synopses(root), sharedYargs],
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
  const scope = 'exports, require, module, __filename, __dirname'
  for (const { path, text } of outputFiles) {
    writeFileSync(path, `${runCode("__filename.replace(/cjs$/, 'code')", scope)}\n`)
    writeFileSync(path.replace(/cjs$/, 'code'), codeFile(postpone(text), scope))
  }
  const [name, contents] = await yargsFile(root)
  writeFileSync(join(outdir, name), contents)
}

if (process.argv[1] === import.meta.filename) await bundle(join(root, 'dist'))
