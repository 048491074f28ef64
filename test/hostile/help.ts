/** What every program answers before it does anything. */
import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { checkout, ScratchHome } from '../support/home.ts'

const programs = readdirSync(join(checkout, 'bin')).filter((name) => !name.startsWith('.'))
const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string }

/** Whose first argument is anybody's words, and cannot be an option. */
const takesWords = new Set(['getpw'])
/** Programs whose exit code for a word that is no option is not theirs to choose, or not 100: see their READMEs. */
const otherCodes: Readonly<Record<string, string>> = {
  checkpassword: 'runs the program that its arguments name; its codes are those of the checkpassword interface',
  clean: 'start runs it; arguments mean nothing to it',
  except: 'runs the program that its arguments name',
  lspawn: 'start runs it; takes options of its own, and others mean nothing',
  predate: 'runs the program that its arguments name',
  remote: 'answers by its report, not by its code',
  rspawn: 'start runs it; takes options of its own, and others mean nothing',
  send: 'start runs it on pipes',
  splogger: 'the word is the name in the log',
  'tcp-env': 'runs the program that its arguments name',
}

t.test('--help, --version and what is no option are answered before anything happens', async (t) => {
  const home = await ScratchHome.make(t)
  const everything = (): string[] => readdirSync(home.root, { recursive: true, encoding: 'utf8' }).sort()
  const before = everything()
  const ask = async (program: string, word: string) => {
    const { exitCode, stdout, stderr } = await home.run(program, [word], { reject: false })
    t.same(everything(), before, `${program} ${word}: nothing is made`)
    return { exitCode, stdout, stderr }
  }
  for (const program of programs) {
    if (takesWords.has(program)) continue
    const help = await ask(program, '--help')
    t.match(help, { exitCode: 0, stderr: '' }, `${program} --help`)
    t.match(help.stdout, program, `${program} --help names it`)
    t.match(await ask(program, '--version'), { exitCode: 0, stdout: `${program} (yabumi) ${version}\n`, stderr: '' })
    if (otherCodes[program] !== undefined) continue
    const wrong = await ask(program, '--nonsense')
    t.match({ ...wrong, stdout: '' }, { exitCode: 100, stderr: /\S/ }, `${program} --nonsense`)
  }
})

t.test('a program says how it is used, with an example, under the name that it was called by', async (t) => {
  const home = await ScratchHome.make(t)
  const { stdout } = await home.run('maildirmake', ['--help'])
  t.match(stdout, /^maildirmake: Create a Maildir.*\n\nUsage:\n {4}maildirmake DIRECTORY\n\nExample:\n {4}maildirmake Maildir\n/)
  const path = join(home.root, 'qmail-tcpok')
  symlinkSync(join(home.directory, 'bin/tcpok'), path)
  t.teardown(() => rmSync(path, { force: true }))
  const { stdout: renamed } = await execa(path, ['--help'], { env: home.environment, extendEnv: false, cwd: '/' })
  t.match(renamed, /^qmail-tcpok: Forget which addresses timed out\.\n\nUsage:\n {4}qmail-tcpok\n/)
  const { exitCode, stderr } = await execa(path, ['--all'], { env: home.environment, extendEnv: false, cwd: '/', reject: false })
  t.match({ exitCode, stderr }, { exitCode: 100, stderr: 'qmail-tcpok: there is no option --all; see qmail-tcpok --help' })
})

t.test('getpw takes any local part', async (t) => {
  const home = await ScratchHome.make(t)
  const { stdout } = await home.run('getpw', ['--help'], { reject: false })
  t.match(stdout, /^alias\0/)
})
